// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "call_gate.hpp"
#include <cosmo/error.hpp>
#include <cosmo/net/http_client.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace cosmo::net {

class call_limiter;

/// The right to send one request. Whoever has it says in the end what came of
/// the exchange; a permit that is dropped unsaid counts as nothing.
class call_permit {
public:
  /// What is left of the time the call may take.
  std::chrono::duration<double> time_left() const noexcept {
    return time_left_;
  }

  void settle(call_outcome outcome, uint64_t tokens = 0) const;

private:
  friend class call_limiter;

  struct state;

  std::shared_ptr<state> state_;
  std::chrono::duration<double> time_left_{};
};

/// Holds the calls of one source back until its limits let them begin.
///
/// Timers run on the client's I/O thread. The destructor ends what still waits
/// with ec::cancelled.   @affinity any thread
class call_limiter : public std::enable_shared_from_this<call_limiter> {
public:
  /// Called once with the permit or the reason why there is none, on the
  /// caller's thread, the I/O thread, or that of whoever stops the call.
  using beginning = std::function<void(caf::expected<call_permit>)>;

  /// @param endpoint names the server in error texts.
  call_limiter(const call_limits& limits, std::string endpoint,
               std::weak_ptr<http_client> client);

  ~call_limiter();

  /// Lets a call wait for its turn.
  /// @param about the request to come; its timeout bounds the wait too.
  /// @returns in `begin` ec::timeout, breaker_open, cancelled.
  void acquire(const http_request& about, std::stop_token stop,
               beginning begin);

private:
  friend class call_permit;

  using clock = std::chrono::steady_clock;

  struct caller;

  struct answer {
    std::shared_ptr<caller> to;
    call_gate::decision what;
  };

  void end(bool is_probe, call_outcome outcome, uint64_t tokens);

  void give_up(uint64_t number);

  /// Tells all whose fate is settled.
  void move_on();

  std::vector<answer> settled(clock::time_point now);

  /// When to be woken, unless that is seen to.
  std::optional<clock::time_point> next_wake(clock::time_point now);

  void wake_at(clock::time_point when);

  void woken_at(clock::time_point when);

  void tell(const answer& what, clock::time_point now);

  const bool is_unlimited_;
  const std::string endpoint_;
  const std::weak_ptr<http_client> client_;
  std::mutex mutex_;
  call_gate gate_;
  std::map<uint64_t, std::shared_ptr<caller>> callers_;
  std::optional<clock::time_point> wakes_at_;
};

} // namespace cosmo::net

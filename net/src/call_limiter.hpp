// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "call_gate.hpp"
#include <cosmo/error.hpp>

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

  /// The server has begun to answer. Closes the breaker if this is its probe.
  void confirm() const;

  void settle(call_outcome outcome, uint64_t tokens = 0) const;

private:
  friend class call_limiter;

  struct state;

  std::shared_ptr<state> state_;
  std::chrono::duration<double> time_left_{};
};

/// Holds the calls of one source back until its limits let them begin.
/// @affinity any thread
class call_limiter : public std::enable_shared_from_this<call_limiter> {
public:
  /// Called once with the permit or the reason why there is none, on the
  /// caller's thread, that of the timer, or that of whoever stops or ends a
  /// call.
  using beginning = std::function<void(caf::expected<call_permit>)>;

  /// Calls a function when it is time, or never if all ends before.
  using timer = std::function<void(std::chrono::steady_clock::time_point,
                                   std::function<void()>)>;

  /// @param server names the server in error texts.
  call_limiter(const call_limits& limits, std::string server, timer call_at);

  /// As `cancel_waiting`.
  ~call_limiter();

  /// Lets a call wait for its turn.
  /// @param timeout the same for all calls.
  /// @returns in `begin` ec::timeout, breaker_open, cancelled.
  void acquire(std::chrono::duration<double> timeout, std::stop_token stop,
               beginning begin);

  /// Ends what waits with ec::cancelled.
  void cancel_waiting();

private:
  friend class call_permit;

  using clock = std::chrono::steady_clock;

  struct caller;

  struct answer {
    std::shared_ptr<caller> to;
    call_gate::decision what;
  };

  /// @returns its number.
  uint64_t enter(const std::shared_ptr<caller>& who);

  void confirm();

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

  caf::error cancelled() const;

  const bool is_unlimited_;
  const std::string server_;
  const timer call_at_;
  std::mutex mutex_;
  call_gate gate_;
  std::map<uint64_t, std::shared_ptr<caller>> callers_;
  std::optional<clock::time_point> wakes_at_;
};

} // namespace cosmo::net

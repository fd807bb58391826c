// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "circuit_breaker.hpp"
#include "minute_budget.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace cosmo::net {

/// The limits of one source; 0 for none.
struct call_limits {
  size_t max_concurrency = 0;
  size_t requests_per_minute = 0;
  size_t tokens_per_minute = 0;
  neuron::breaker_options breaker = {};

  bool empty() const noexcept {
    return max_concurrency == 0 && requests_per_minute == 0
           && tokens_per_minute == 0 && breaker.failures == 0;
  }
};

/// Decides which calls of a source may begin, in the order of their arrival.
///
/// Tokens are known when a reply says so. Until then a call costs none, so that
/// the calls under way may take the sum above the limit; the next ones wait.
class call_gate {
public:
  using time_point = std::chrono::steady_clock::time_point;

  enum class verdict { begins, too_late, refused };

  struct decision {
    uint64_t number;
    verdict what;
    /// Of one that begins; `end` wants it back.
    bool is_probe = false;
  };

  explicit call_gate(const call_limits& limits);

  /// A call that wants to begin before its deadline. Deadlines must not go
  /// back from one call to the next.   @returns its number.
  uint64_t enter(time_point deadline);

  /// A call that does not want to begin any more.
  void leave(uint64_t number);

  /// The probe is being answered: from now on it is a call like any other.
  void confirm() {
    breaker_.confirm();
  }

  /// A call that had begun has ended.
  void end(time_point now, bool is_probe, call_outcome outcome,
           uint64_t tokens);

  /// Whose fate is settled by now.
  std::vector<decision> decide(time_point now);

  /// When `decide` may have more to say, if no call ends before. Nothing while
  /// nobody waits.
  std::optional<time_point> next(time_point now);

private:
  struct entry {
    uint64_t number;
    time_point deadline;
  };

  bool is_full() const noexcept {
    return max_concurrency_ != 0 && running_ >= max_concurrency_;
  }

  time_point budget_at(time_point now);

  size_t max_concurrency_;
  size_t running_ = 0;
  minute_budget requests_;
  minute_budget tokens_;
  circuit_breaker breaker_;
  std::deque<entry> waiting_;
  uint64_t last_number_ = 0;
};

} // namespace cosmo::net

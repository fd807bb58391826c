// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>

namespace cosmo::net {

/// Counts what was spent during the last minute against a limit. The minute
/// slides: there is none, wherever it begins, in which more calls begin than
/// the limit says.
class minute_budget {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// @param limit 0 for none.
  explicit minute_budget(uint64_t limit) : limit_(limit) {
    // nop
  }

  /// When there is something left to spend: `now`, or later.
  time_point ready_at(time_point now);

  void spend(time_point now, uint64_t amount);

private:
  struct expense {
    time_point at;
    uint64_t amount;
  };

  uint64_t limit_;
  uint64_t spent_ = 0;
  std::deque<expense> expenses_;
};

} // namespace cosmo::net

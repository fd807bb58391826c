// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <caf/actor_clock.hpp>
#include <caf/timespan.hpp>

#include <cstddef>
#include <deque>

namespace cosmo::actors {

/// Counts the restarts of a supervisor within its period.
class restart_window {
public:
  using time_point = caf::actor_clock::time_point;

  restart_window(size_t intensity, caf::timespan period)
    : intensity_(intensity), period_(period) {
    // nop
  }

  /// Counts one more. @returns whether it is within the intensity.
  bool admit(time_point now) {
    while (!times_.empty() && now - times_.front() > period_)
      times_.pop_front();
    times_.push_back(now);
    return times_.size() <= intensity_;
  }

  /// How many there were by then.
  size_t size() const noexcept {
    return times_.size();
  }

private:
  size_t intensity_;
  caf::timespan period_;
  std::deque<time_point> times_;
};

} // namespace cosmo::actors

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <caf/actor_clock.hpp>
#include <caf/timespan.hpp>

#include <algorithm>
#include <cstddef>
#include <vector>

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
    auto young = std::ranges::find_if(
      times_, [&](time_point then) { return now - then <= period_; });
    times_.erase(times_.begin(), young);
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
  /// A vector: there is one window for each Axon, and most stay empty.
  std::vector<time_point> times_;
};

} // namespace cosmo::actors

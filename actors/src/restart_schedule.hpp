// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "restart_delay.hpp"
#include "restart_window.hpp"

#include <chrono>
#include <cstddef>

namespace cosmo::actors {

/// When a Dendrite starts one of its parts again: after a pause that grows, and
/// after too many failures only now and then.
/// @source engram.md 19.1 and 19.3
class restart_schedule {
public:
  struct verdict {
    caf::timespan pause;
    /// Whether it has failed too often to be counted on.
    bool unavailable;
  };

  static constexpr size_t intensity = 5;
  static constexpr caf::timespan period = std::chrono::seconds{60};
  static constexpr caf::timespan pause_unavailable = std::chrono::seconds{30};

  verdict failed(restart_window::time_point now) {
    ++total_;
    // Once given up, it is taken up by working, not by failing less often.
    unavailable_ = !window_.admit(now) || unavailable_;
    if (unavailable_)
      return {pause_unavailable, true};
    return {restart_delay(growth, window_.size(), 0), false};
  }

  /// It works.
  void works() noexcept {
    unavailable_ = false;
  }

  /// It begins a new life that has nothing to do with the last.
  void reset() {
    window_ = {intensity, period};
    unavailable_ = false;
  }

  /// What the last verdict said.
  bool unavailable() const noexcept {
    return unavailable_;
  }

  /// How often it has failed.
  size_t total() const noexcept {
    return total_;
  }

private:
  static constexpr restart_backoff growth{
    .initial = std::chrono::milliseconds{100}, .max = std::chrono::seconds{10}};

  restart_window window_{intensity, period};
  size_t total_ = 0;
  bool unavailable_ = false;
};

} // namespace cosmo::actors

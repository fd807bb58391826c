// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/ids.hpp>

#include <chrono>
#include <concepts>
#include <functional>
#include <type_traits>
#include <utility>

namespace cosmo {

/// How long to pause after the attempt with this 0-based number has failed.
///
/// Made from a callable `(attempt)` or `(attempt, random)` that returns a
/// duration; empty for no pause. Zero and less is no pause.
/// @source dendrite.md section 15
class backoff {
public:
  using duration = std::chrono::nanoseconds;
  using function = std::function<duration(int, random_source&)>;

  backoff() = default;

  template <class F>
    requires(!std::same_as<std::remove_cvref_t<F>, backoff>
             && std::is_invocable_r_v<duration, F&, int>)
  backoff(F fn) {
    fn_ = [fn = std::move(fn)](int attempt, random_source&) mutable {
      return duration{fn(attempt)};
    };
  }

  template <class F>
    requires(!std::same_as<std::remove_cvref_t<F>, backoff>
             && std::is_invocable_r_v<duration, F&, int, random_source&>)
  backoff(F fn) : fn_(std::move(fn)) {
    // nop
  }

  explicit operator bool() const noexcept {
    return static_cast<bool>(fn_);
  }

  duration operator()(int attempt, random_source& random) const {
    return fn_ ? fn_(attempt, random) : duration{0};
  }

private:
  function fn_;
};

/// Always the same pause.
backoff constant_backoff(std::chrono::nanoseconds pause);

struct exponential_backoff_options {
  /// After the first failure.
  std::chrono::nanoseconds initial = std::chrono::seconds{1};
  /// From one pause to the next.
  double factor = 2.0;
  /// No pause is longer.
  std::chrono::nanoseconds cap = std::chrono::seconds{30};
  /// Up to this share of each pause is left out at random, so that many who
  /// failed together do not come back together: 0 to 1.
  double jitter = 0.5;
};

/// The pause after the attempt with this 0-based number; `chance` from 0 to 1
/// decides what the jitter takes off.
std::chrono::nanoseconds grown_pause(const exponential_backoff_options& options,
                                     int attempt, double chance);

/// Pauses that grow: `initial`, `initial * factor`, ... up to `cap`.
backoff exponential_backoff(exponential_backoff_options options = {});

} // namespace cosmo

// SPDX-License-Identifier: Apache-2.0
#include <cosmo/backoff.hpp>

#include <algorithm>
#include <cmath>

namespace cosmo {

backoff constant_backoff(std::chrono::nanoseconds pause) {
  return [pause](int) { return pause; };
}

std::chrono::nanoseconds grown_pause(const exponential_backoff_options& options,
                                     int attempt, double chance) {
  using std::chrono::nanoseconds;
  if (options.initial.count() <= 0)
    return nanoseconds{0};
  // Beyond a century nobody waits, and numbers do not overflow.
  auto cap = static_cast<double>(
    std::min<nanoseconds>(options.cap, std::chrono::years{100}).count());
  auto pause = static_cast<double>(options.initial.count())
               * std::pow(options.factor, std::max(attempt, 0));
  // Also where the power has left the range of numbers.
  if (!(pause < cap))
    pause = cap;
  auto jitter = options.jitter > 0 ? std::min(options.jitter, 1.0) : 0.0;
  return nanoseconds{static_cast<int64_t>(pause * (1.0 - jitter * chance))};
}

backoff exponential_backoff(exponential_backoff_options options) {
  return [options](int attempt, random_source& random) {
    return grown_pause(options, attempt, unit_interval(random.next()));
  };
}

} // namespace cosmo

// SPDX-License-Identifier: Apache-2.0
#include <cosmo/backoff.hpp>

#include <algorithm>
#include <cmath>

namespace cosmo {

namespace {

/// A number in [0, 1) with 53 random bits.
double fraction(random_source& random) {
  return static_cast<double>(random.next() >> 11) * 0x1p-53;
}

} // namespace

backoff constant_backoff(std::chrono::nanoseconds pause) {
  return [pause](int) { return pause; };
}

backoff exponential_backoff(exponential_backoff_options options) {
  return [options](int attempt, random_source& random) {
    // Beyond a century nobody waits, and numbers do not overflow.
    using std::chrono::nanoseconds;
    auto cap = static_cast<double>(
      std::min<nanoseconds>(options.cap, std::chrono::years{100}).count());
    auto grown = static_cast<double>(options.initial.count())
                 * std::pow(options.factor, std::max(attempt, 0));
    // Also where the power has left the range of numbers.
    auto pause = grown < cap ? grown : cap;
    auto jitter = options.jitter > 0 ? std::min(options.jitter, 1.0) : 0.0;
    pause *= 1.0 - jitter * fraction(random);
    return std::chrono::nanoseconds{static_cast<int64_t>(pause)};
  };
}

} // namespace cosmo

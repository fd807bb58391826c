// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>

namespace cosmo::net {

/// Nobody waits for thirty years, and a timer counts 64-bit nanoseconds.
inline constexpr std::chrono::duration<double> longest_wait{1e9};

/// A time that a timer can count.
inline std::chrono::steady_clock::duration
within_timer(std::chrono::duration<double> time) {
  using duration = std::chrono::steady_clock::duration;
  return std::chrono::duration_cast<duration>(std::min(time, longest_wait));
}

} // namespace cosmo::net

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <caf/timespan.hpp>

#include <algorithm>
#include <chrono>

namespace cosmo::actors {

/// Longer than any runtime lives. Clocks overflow when they are asked for more.
inline constexpr caf::timespan longest = std::chrono::years{100};

constexpr caf::timespan within_clock(caf::timespan span) {
  return std::min(span, longest);
}

/// The same before the conversion, which might overflow.
constexpr caf::timespan within_clock(std::chrono::milliseconds span) {
  using std::chrono::milliseconds;
  return span < std::chrono::duration_cast<milliseconds>(longest)
           ? caf::timespan{span}
           : longest;
}

} // namespace cosmo::actors

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/timestamp.hpp>

#include <chrono>

namespace cosmo::registry {

/// `span` before `now`, however long that is.
inline timestamp earlier(timestamp now, std::chrono::milliseconds span) {
  using std::chrono::floor;
  using ms = std::chrono::milliseconds;
  return span >= floor<ms>(now - timestamp_min) ? timestamp_min : now - span;
}

/// `span` after `now`, however long that is.
inline timestamp later(timestamp now, std::chrono::milliseconds span) {
  using std::chrono::floor;
  using ms = std::chrono::milliseconds;
  return span >= floor<ms>(timestamp_max - now) ? timestamp_max : now + span;
}

} // namespace cosmo::registry

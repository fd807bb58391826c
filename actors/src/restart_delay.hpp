// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/backoff.hpp>
#include <cosmo/supervision.hpp>

#include <algorithm>

namespace cosmo::actors {

/// What to wait before the n-th restart in a row, n > 0, with `chance` from 0
/// to 1 deciding what the jitter takes off.
inline caf::timespan restart_delay(const restart_backoff& rule, size_t n,
                                   double chance) {
  // So many failures in a row have reached the longest pause.
  auto attempt = static_cast<int>(std::min<size_t>(n - 1, 1'000'000));
  return grown_pause({.initial = rule.initial,
                      .factor = rule.factor,
                      .cap = rule.max,
                      .jitter = rule.jitter},
                     attempt, chance);
}

} // namespace cosmo::actors

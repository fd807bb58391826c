// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "durations.hpp"
#include <cosmo/supervision.hpp>

#include <algorithm>
#include <cmath>

namespace cosmo::actors {

/// What to wait before the n-th restart in a row, n > 0, with `chance` from 0
/// to 1 deciding what the jitter takes off.
inline caf::timespan restart_delay(const restart_backoff& rule, size_t n,
                                   double chance) {
  if (rule.initial == caf::timespan::zero())
    return {};
  auto ns = static_cast<double>(rule.initial.count())
            * std::pow(rule.factor, static_cast<double>(n - 1));
  ns = std::min(ns, static_cast<double>(within_clock(rule.max).count()));
  ns *= 1 - rule.jitter * chance;
  return caf::timespan{static_cast<caf::timespan::rep>(ns)};
}

/// Random bits as a number from 0 to 1, without 1.
inline double unit_interval(uint64_t bits) {
  return static_cast<double>(bits >> 11) * 0x1p-53;
}

} // namespace cosmo::actors

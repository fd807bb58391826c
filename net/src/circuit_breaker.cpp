// SPDX-License-Identifier: Apache-2.0
#include "circuit_breaker.hpp"

#include <algorithm>

namespace cosmo::net {

bool circuit_breaker::refuses(time_point now) const {
  return open_until_ && (now < *open_until_ || is_probing_);
}

bool circuit_breaker::begin() {
  is_probing_ = open_until_.has_value();
  return is_probing_;
}

void circuit_breaker::confirm() {
  is_probing_ = false;
  failures_ = 0;
  open_until_ = std::nullopt;
}

void circuit_breaker::end(time_point now, bool is_probe, call_outcome outcome) {
  if (options_.failures == 0 || (open_until_ && !is_probe))
    return;
  if (outcome == call_outcome::success)
    return confirm();
  if (is_probe)
    is_probing_ = false;
  if (outcome == call_outcome::failure
      && (is_probe || ++failures_ == options_.failures)) {
    using clock = std::chrono::steady_clock;
    failures_ = 0;
    open_until_
      = now + std::chrono::duration_cast<clock::duration>(options_.open_for);
  }
}

} // namespace cosmo::net

// SPDX-License-Identifier: Apache-2.0
#include <cosmo/retry.hpp>

namespace cosmo {

bool default_retry_on(const attempt_outcome& outcome) {
  if (!outcome)
    return outcome.error() == ec::timeout
           || outcome.error() == ec::pathway_closed;
  auto failure = outcome->get_if<payload::error>();
  return failure != nullptr && failure->recoverable;
}

caf::error check(const retry_strategy& strategy) {
  if (strategy.max_attempts < 1)
    return make_error(ec::bad_argument,
                      "max_attempts must be at least 1: "
                        + std::to_string(strategy.max_attempts));
  if (strategy.timeout && strategy.timeout->count() < 0)
    return make_error(ec::bad_argument,
                      "timeout must not be negative: "
                        + std::to_string(strategy.timeout->count()) + " ns");
  if (strategy.rollback_wait.count() < 0)
    return make_error(ec::bad_argument,
                      "rollback_wait must not be negative: "
                        + std::to_string(strategy.rollback_wait.count())
                        + " ns");
  return {};
}

} // namespace cosmo

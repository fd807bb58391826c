// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/error.hpp>

namespace cosmo::net {

/// What a call that has ended says about its server.
enum class call_outcome {
  success,
  failure,
  /// It was given up, or failed for a reason of its own.
  nothing,
};

/// Whose fault it is that an exchange, or the reading of its response, ended
/// with `error`.   @param status 0 if there was no response.
call_outcome outcome_of(const caf::error& error, unsigned status = 0);

} // namespace cosmo::net

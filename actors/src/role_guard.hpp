// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/dendrite.hpp>

#include <string>
#include <string_view>

namespace cosmo::actors {

/// Refuses workers what only orchestrators may do.
/// @returns ec::protocol_violation naming the operation and the Dendrite.
/// @source dendrite.md section 8.1
inline caf::error check_orchestrator(const dendrite_options& options,
                                     std::string_view operation) {
  if (options.role == role::orchestrator)
    return {};
  return make_error(ec::protocol_violation,
                    std::string{operation}
                      + " is not for the role worker: " + options.dendrite_id);
}

} // namespace cosmo::actors

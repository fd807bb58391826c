// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/error.hpp>
#include <cosmo/json_fwd.hpp>
#include <cosmo/net/wire_client.hpp>

#include <string>

namespace cosmo::cli {

/// Asks the server of a bus about its namespaces.
/// @param op which answer there is to be
/// @returns also ec::bad_response for another one.
caf::expected<json> manage(net::wire_client& client, const json& request,
                           const std::string& op);

} // namespace cosmo::cli

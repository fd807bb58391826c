// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/net/http_server.hpp>

#include <string>

namespace cosmo::net {

/// Where Prism's WebSockets are.
inline constexpr std::string_view prism_socket_path = "/ws";

/// Everything of Prism but its WebSockets: the page, its files, redirects.
/// @param landing the query that `/` leads to when it has none; may be empty
/// @source synapse-and-cli.md 11.1
http_response prism_response(const incoming_request& request,
                             const std::string& landing);

} // namespace cosmo::net

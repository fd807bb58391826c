// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/net/wire_client.hpp>
#include <cosmo/transport.hpp>

namespace cosmo::net {

/// Lets a runtime connect to `cosmo://host:port`:
///
///     cosmo::runtime rt;
///     rt.add_transport(cosmo::net::wire_transport({.reconnect = true}));
///     auto synapse = rt.connect("cosmo://127.0.0.1:7070");
///
/// A URL without a port, or with port 0, means 7070. Without `reconnect` a lost
/// connection ends the Synapse, and with it its Dendrites. With it publishing
/// fails until the connection is back; then everybody who hosts something is
/// asked to announce it again. What was lost meanwhile is a dead letter where
/// nobody has heard of it. `events` are told besides.
/// @source synapse-and-cli.md sections 4.1 and 5.10
transport wire_transport(wire_client_options options = {},
                         wire_client_events events = {});

} // namespace cosmo::net

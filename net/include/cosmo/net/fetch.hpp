// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/awaited.hpp>
#include <cosmo/net/http_client.hpp>

#include <memory>

namespace cosmo::net {

/// Sends a request from a coroutine Neuron: `co_await fetch(request)`, or
/// `co_await io.http(request)`. Cancelling the TASK closes the socket. Whoever
/// sends several keeps a client, which keeps its connections.
/// @returns as `http_client::send` does.
awaited<caf::expected<http_response>> fetch(const http_request& request,
                                            std::shared_ptr<http_client> client
                                            = http_client::shared());

/// @private Give the request a name; see `coroutine_io` for the reason.
void fetch(http_request&& request,
           std::shared_ptr<http_client> client = http_client::shared())
  = delete;

} // namespace cosmo::net

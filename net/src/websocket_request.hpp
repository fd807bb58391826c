// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/net/http_server.hpp>

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>

namespace cosmo::net {

using websocket_request
  = boost::beast::http::request<boost::beast::http::empty_body>;

/// The request as Beast takes it.   @pre it came by HTTP/1.1
websocket_request to_websocket_request(const incoming_request& request);

/// Whether the client asks for a WebSocket.   @source RFC 6455 section 4.1
bool asks_for_websocket(const incoming_request& request);

} // namespace cosmo::net

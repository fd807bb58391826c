// SPDX-License-Identifier: Apache-2.0
#include "websocket_request.hpp"

#include <boost/beast/websocket/rfc6455.hpp>

namespace cosmo::net {

websocket_request to_websocket_request(const incoming_request& request) {
  websocket_request result;
  result.method_string(request.method);
  result.target(request.target);
  result.version(11);
  for (const auto& [name, value] : request.fields)
    result.insert(name, value);
  return result;
}

bool asks_for_websocket(const incoming_request& request) {
  return boost::beast::websocket::is_upgrade(to_websocket_request(request));
}

} // namespace cosmo::net

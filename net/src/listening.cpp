// SPDX-License-Identifier: Apache-2.0
#include "listening.hpp"

#include "url.hpp"

#include <boost/asio/ip/address.hpp>

namespace cosmo::net {

using boost::asio::ip::tcp;

std::string authority_of(const std::string& address, uint16_t port) {
  auto parsed = boost::asio::ip::make_address(address);
  return to_string(
    http_origin{.host = parsed.to_string(), .port = port, .is_ip = true});
}

caf::expected<uint16_t> listen_on(tcp::acceptor& acceptor,
                                  const std::string& address, uint16_t port) {
  tcp::endpoint endpoint{boost::asio::ip::make_address(address), port};
  boost::system::error_code error;
  uint16_t result = 0;
  acceptor.open(endpoint.protocol(), error);
  if (!error)
    acceptor.set_option(tcp::acceptor::reuse_address{true}, error);
  if (!error)
    acceptor.bind(endpoint, error);
  if (!error)
    acceptor.listen(tcp::acceptor::max_listen_connections, error);
  if (!error)
    result = acceptor.local_endpoint(error).port();
  if (error)
    return make_error(ec::bind_failed, "cannot listen on "
                                         + authority_of(address, port) + ": "
                                         + error.message());
  return result;
}

} // namespace cosmo::net

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/error.hpp>

#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <string>

namespace cosmo::net {

/// `address:port`, an IPv6 address in brackets. @pre `address` is one.
std::string authority_of(const std::string& address, uint16_t port);

/// Lets an acceptor listen.
/// @pre `address` is one. @param port 0 for any that is free.
/// @returns the port, or ec::bind_failed naming where.
caf::expected<uint16_t> listen_on(boost::asio::ip::tcp::acceptor& acceptor,
                                  const std::string& address, uint16_t port);

} // namespace cosmo::net

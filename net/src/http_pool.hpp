// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "http_connection.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <deque>
#include <map>
#include <memory>

namespace cosmo::net {

/// Unused connections, kept for a while so that the next request to the same
/// origin is spared the handshakes. Bounded per origin: the oldest goes first.
/// @affinity I/O thread only
class http_pool {
public:
  http_pool(boost::asio::io_context& context, size_t idle_connections_max,
            std::chrono::milliseconds idle_time_max);

  /// The connection to `origin` used last, or null.
  std::shared_ptr<http_connection> take(const http_origin& origin);

  void put(std::shared_ptr<http_connection> connection);

  /// Puts one whose response nobody wants to its end, if that comes soon: often
  /// it is on its way already.
  void put_drained(const std::shared_ptr<http_connection>& connection);

  void clear();

private:
  struct entry {
    std::shared_ptr<http_connection> connection;
    std::unique_ptr<boost::asio::steady_timer> expiry;
  };

  void drop(const http_origin& origin, const boost::asio::steady_timer* expiry);

  boost::asio::io_context& context_;
  size_t idle_connections_max_;
  std::chrono::milliseconds idle_time_max_;
  std::map<http_origin, std::deque<entry>> entries_;
};

} // namespace cosmo::net

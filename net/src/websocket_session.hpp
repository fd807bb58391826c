// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "websocket_outbox.hpp"
#include "websocket_request.hpp"
#include <cosmo/net/http_server.hpp>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace cosmo::net {

/// The server's end of one WebSocket: sends what is in its outbox.
/// @affinity I/O thread only
class websocket_session
  : public std::enable_shared_from_this<websocket_session> {
public:
  using tcp = boost::asio::ip::tcp;

  /// @param ended is called once, after the outbox has been ended.
  websocket_session(tcp::socket socket, const websocket_options& options,
                    std::shared_ptr<websocket_outbox> outbox,
                    std::function<void()> ended);

  /// Answers the request that asked for it.
  void accept(const incoming_request& request);

  /// Something may have come into the outbox.
  void flush();

  /// The server stops: closes after the message under way.
  void finish();

  /// Cuts the connection.
  void end();

private:
  enum class phase { opening, open, closing, ended };

  using close_code = boost::beast::websocket::close_code;

  void read_on();

  void write(std::string text);

  void close(close_code code);

  /// Cuts off who has been silent since the last ping, and pings the others.
  void keep_watch();

  void ping();

  boost::beast::websocket::stream<tcp::socket> stream_;
  /// Beast's own idle timer does not run while a client that broke the rules is
  /// waited for.
  boost::asio::steady_timer timer_;
  const std::chrono::milliseconds ping_interval_;
  websocket_request request_;
  std::shared_ptr<websocket_outbox> outbox_;
  std::function<void()> ended_;
  std::array<char, 4 * 1024> ignored_;
  std::string text_;
  phase phase_ = phase::opening;
  bool is_writing_ = false;
  bool is_pinging_ = false;
  bool is_heard_ = true;
  bool is_last_ = false;
};

} // namespace cosmo::net

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace cosmo::net::test {

/// The server's end of one connection, played by a script. All calls block, and
/// end when the client or the server goes away.
class fake_peer {
public:
  using tcp = boost::asio::ip::tcp;

  fake_peer(tcp::socket socket, boost::asio::ssl::context* tls);

  /// @returns whether the client went along with it.
  bool handshake();

  /// One request, head and body; empty when the client has closed.
  std::string read_request();

  /// @returns whether the client still listened.
  bool write(std::string_view bytes);

  /// Writes the same bytes until the client hangs up.
  void write_forever(std::string_view bytes);

  /// Returns when the client has closed the connection.
  void wait_for_close();

  void close();

  /// Ends the connection with RST in place of FIN.
  void reset();

  /// What the client wanted by SNI; empty without it.
  std::string server_name();

private:
  friend class fake_server;

  /// Ends the blocking calls of the script; the descriptor stays valid for it.
  /// @affinity any thread
  void wake();

  size_t read_some();

  /// Nobody else may look at a socket that is being closed.
  std::mutex mutex_;
  tcp::socket socket_;
  std::unique_ptr<boost::asio::ssl::stream<tcp::socket&>> tls_;
  std::string received_;
};

/// Plays any byte script on 127.0.0.1: one script for each connection, in the
/// order of their arrival. A connection too many is closed at once.
class fake_server {
public:
  using script = std::function<void(fake_peer&)>;

  explicit fake_server(std::vector<script> scripts,
                       boost::asio::ssl::context* tls = nullptr);

  /// Hangs up on everybody.
  ~fake_server();

  uint16_t port() const {
    return port_;
  }

  /// `127.0.0.1:<port>`
  std::string authority() const;

  /// http, or https if there is a TLS context.
  std::string url(std::string_view path = "/") const;

  size_t connection_count();

  /// Waits until `n` scripts have ended. @returns false after ten seconds.
  bool wait_for_ended(size_t n);

  /// As above, for as many as there are connections: after a short deadline
  /// there may be none on a busy machine.
  bool wait_for_all_ended() {
    return wait_for_ended(connection_count());
  }

private:
  void accept_all();

  void play(std::shared_ptr<fake_peer> peer, const script& steps);

  boost::asio::io_context context_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::ssl::context* tls_;
  std::vector<script> scripts_;
  uint16_t port_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::shared_ptr<fake_peer>> peers_;
  size_t ended_ = 0;
  bool is_stopping_ = false;
  std::vector<std::jthread> players_;
  std::jthread acceptor_thread_;
};

/// A response with `Content-Length`.
std::string response(std::string_view status, std::string_view body,
                     std::string_view more_fields = {});

/// Answers each request of the connection with the same bytes and records the
/// requests.
fake_server::script answer(std::string bytes,
                           std::vector<std::string>* requests = nullptr);

/// A port of 127.0.0.1 on which nobody listens.
uint16_t unused_port();

} // namespace cosmo::net::test

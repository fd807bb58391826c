// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "raw_client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cosmo::net::test {

/// A client of a `cosmo://` server that speaks in lines.
class line_client {
public:
  explicit line_client(uint16_t port) : socket(port) {
    // nop
  }

  /// Says a line, given without its end.
  void say(std::string_view line);

  /// The next line, without its end; empty when the server has closed.
  std::string hear();

  /// Says `ping` and hears the answer, after which all before is done.
  /// @returns whether nothing else was said first.
  bool settle();

  raw_client socket;
};

/// A `cosmo://` server that says what the test wants it to.
class scripted_server {
public:
  /// @param port 0 for any that is free.
  explicit scripted_server(uint16_t port = 0);

  std::string url() const;

  uint16_t port() const;

  /// Takes the next client, and greets it as upstream's Python does unless
  /// told otherwise.
  void accept(std::string_view greeting = R"({"op": "welcome"})");

  void say(std::string_view line);

  /// The client's next line, without its end; empty when it has gone. Throws
  /// after `patience`.
  std::string hear();

  void cut();

private:
  boost::asio::io_context context_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::optional<boost::asio::ip::tcp::socket> client_;
  std::string received_;
};

} // namespace cosmo::net::test

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace cosmo::net::test {

/// A client that sends any bytes to 127.0.0.1. All reads throw after
/// `patience`.
class raw_client {
public:
  explicit raw_client(uint16_t port);

  /// @returns whether the server still listened.
  bool write(std::string_view bytes);

  /// Reads up to and including the mark; what follows is kept. Ends early with
  /// the connection.
  std::string read_until(std::string_view mark);

  /// So many bytes; fewer only if the connection ends.
  std::string read(size_t size);

  /// A head with `Content-Length`, and the body.
  std::string read_response();

  /// Everything until the server closes.
  std::string read_to_end();

  /// Whether the server has closed; waits for that or for more bytes.
  bool is_closed();

  /// Whether there is something to read right now.
  bool is_readable();

  /// Sends FIN, but reads on.
  void end_sending();

  /// Goes away without a word.
  void reset();

private:
  bool poll(std::chrono::milliseconds timeout);

  /// @returns whether there was something.
  bool read_some();

  boost::asio::io_context context_;
  boost::asio::ip::tcp::socket socket_;
  std::string received_;
};

/// `POST <target>` with a JSON body.
std::string raw_post(std::string_view target, std::string_view body,
                     std::string_view more_fields = {});

} // namespace cosmo::net::test

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bounded_body.hpp"
#include <cosmo/net/http_server.hpp>

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>

#include <optional>
#include <string>

namespace cosmo::net {

/// Why a server does not hand a request to its handler.
struct request_fault {
  unsigned status;
  std::string text;

  bool operator==(const request_fault&) const = default;
};

/// Makes a request out of bytes, however they are cut.
/// @source RFC 9112
class request_reader {
public:
  request_reader(uint32_t head_bytes_max, size_t body_bytes_max);

  /// Takes what it can use from the front of `bytes`; what follows a complete
  /// request stays there.
  void read(boost::beast::flat_buffer& bytes);

  /// Whether the request is there. There is a fault otherwise, or not enough.
  bool is_complete() const {
    return !fault_ && parser_.is_done();
  }

  /// Final: what follows cannot be told from the broken request.
  const std::optional<request_fault>& fault() const noexcept {
    return fault_;
  }

  /// Whether the client waits for a word before it sends the body. Says so
  /// once.
  bool take_expectation();

  /// The request, once it is complete.
  incoming_request take();

  /// Whether the client wants to send another request on this connection.
  bool is_keep_alive() const {
    return parser_.keep_alive();
  }

  /// Whether the client understands chunks.
  bool is_http_1_1() const {
    return parser_.get().version() >= 11;
  }

private:
  void check_head();

  boost::beast::http::request_parser<bounded_body> parser_;
  std::optional<request_fault> fault_;
  bool is_head_checked_ = false;
  bool is_awaited_ = false;
};

} // namespace cosmo::net

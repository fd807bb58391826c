// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "http_fault.hpp"
#include "url.hpp"
#include <cosmo/net/http_client.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace cosmo::net {

/// One TCP or TLS connection and the exchange that runs on it.
///
/// Everything Asio and Beast have to say is translated into `http_fault` here
/// and goes no further.   @affinity I/O thread only
class http_connection : public std::enable_shared_from_this<http_connection> {
public:
  using tcp = boost::asio::ip::tcp;

  using error_code = boost::system::error_code;

  /// Takes what went wrong, or nothing.
  using handler = std::function<void(std::optional<http_fault>)>;

  /// Who hears of an exchange.
  struct exchange_handlers {
    handler done;
    /// Whether to take the body of `head()` in pieces. May be null.
    std::function<bool()> wants_pieces = {};
    /// Takes one, then calls `read_on`, now or later.
    std::function<void(std::string_view bytes)> take_piece = {};
  };

  /// @param tls needed exactly for origins that want it; outlives `this`.
  http_connection(boost::asio::io_context& context, http_origin origin,
                  boost::asio::ssl::context* tls);

  ~http_connection();

  /// Tries one endpoint after the other, then does the TLS handshake.
  void open(std::vector<tcp::endpoint> endpoints, handler done);

  /// Writes the request while it reads the response: a server may refuse a
  /// long request before it has read all of it.
  void exchange(const http_request& request, const std::string& target,
                exchange_handlers handlers);

  /// Reads what comes after the piece that was handed over last.
  void read_on();

  /// Ends what is under way: the handlers of `exchange` are dropped, that of
  /// `open` still learns of its failure.
  void close() noexcept;

  const http_origin& origin() const noexcept {
    return origin_;
  }

  /// Whether a byte of the current response has arrived.
  bool has_response_bytes() const noexcept;

  /// The response without its body; nothing before its head is complete.
  std::optional<http_response> head() const;

  /// The response as far as it was read.
  std::optional<http_response> take_response();

  /// Whether the response was read to its end.
  bool is_complete() const;

  /// Whether the exchange left the connection fit for another one.
  bool is_reusable() const;

  /// Whether the server has closed an unused connection, or sent something
  /// nobody asked for, which must not be taken for the next response.
  bool is_stale() noexcept;

private:
  struct exchange_state;

  using tls_stream = boost::asio::ssl::stream<tcp::socket&>;

  template <class F>
  void with_stream(F fn);

  void handshake(handler done);

  void read_head(std::shared_ptr<exchange_state> state);

  void on_head(std::shared_ptr<exchange_state> state);

  void read_body(std::shared_ptr<exchange_state> state);

  void read_piece(std::shared_ptr<exchange_state> state);

  http_origin origin_;
  tcp::socket socket_;
  std::unique_ptr<tls_stream> tls_;
  std::shared_ptr<exchange_state> state_;
};

} // namespace cosmo::net

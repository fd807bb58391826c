// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "http_connection.hpp"
#include "http_fault.hpp"
#include "http_pool.hpp"
#include "http_resolver.hpp"
#include "return_path.hpp"
#include "url.hpp"
#include <cosmo/net/http_client.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string_view>

namespace cosmo::net {

/// What the client lends to its calls; outlives them.
struct http_call_host {
  using tls_result = caf::expected<boost::asio::ssl::context*>;

  boost::asio::io_context& context;
  http_pool& pool;
  http_resolver& resolver;
  /// Makes the TLS context when the first call needs it.
  std::function<tls_result()> tls;
  /// For what other threads have to say.
  std::shared_ptr<return_path> path;
  /// Hears of every call that has answered.
  std::function<void(class http_call&)> ended;
};

/// One request from `send` or `stream` to its answer: deadline, cancellation,
/// choice of the connection, the single resend, and the pace of the pieces.
/// @affinity I/O thread only, but for the constructor and `watch`
class http_call : public std::enable_shared_from_this<http_call> {
public:
  /// @param taker takes nothing if it has no `take`.
  http_call(http_call_host& host, http_request request, url target,
            http_body_taker taker, http_client::response_handler done);

  /// Lets a request to stop end the call. Before `start` only.
  void watch(std::stop_token stop);

  void start();

  /// Answers with `kind` unless the call has answered.
  void abort(http_fault_kind kind);

private:
  class flow;

  /// Starts the timeout anew.
  void expect_content();

  void on_deadline();

  void connect();

  void resolve();

  void open(std::vector<http_connection::tcp::endpoint> endpoints);

  void exchange();

  void on_exchanged(std::optional<http_fault> fault);

  bool wants_pieces();

  void take_piece(std::string_view bytes);

  /// The words on a piece; those that come too late find no `done_`.
  void read_on();
  void skip();
  void finish_early();

  /// The response of an error status, even if its body is not complete.
  std::optional<http_response> error_response();

  void fail(const http_fault& fault);

  void finish(caf::expected<http_response> result);

  http_call_host& host_;
  http_request request_;
  url target_;
  http_body_taker taker_;
  http_client::response_handler done_;
  boost::asio::steady_timer deadline_;
  /// Tells the current wait for the deadline from older ones.
  uint64_t deadline_number_ = 0;
  /// Whether a piece is with its taker, and the deadline has passed meanwhile.
  bool is_paused_ = false;
  bool is_overdue_ = false;
  std::optional<std::stop_callback<std::function<void()>>> stop_;
  std::shared_ptr<http_connection> connection_;
  bool is_reused_ = false;
};

} // namespace cosmo::net

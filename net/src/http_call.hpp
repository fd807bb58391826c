// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "http_connection.hpp"
#include "http_fault.hpp"
#include "http_pool.hpp"
#include "http_resolver.hpp"
#include "url.hpp"
#include <cosmo/net/http_client.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>

namespace cosmo::net {

/// What the client lends to its calls; outlives them.
struct http_call_host {
  using tls_result = caf::expected<boost::asio::ssl::context*>;

  boost::asio::io_context& context;
  http_pool& pool;
  http_resolver& resolver;
  /// Makes the TLS context when the first call needs it.
  std::function<tls_result()> tls;
  /// Hears of every call that has answered.
  std::function<void(class http_call&)> ended;
};

/// One request from `send` to its answer: deadline, cancellation, choice of the
/// connection, and the single resend.
/// @affinity I/O thread only, but for the constructor and `watch`
class http_call : public std::enable_shared_from_this<http_call> {
public:
  http_call(http_call_host& host, http_request request, url target,
            http_client::response_handler done);

  /// Lets a request to stop end the call. Before `start` only.
  void watch(std::stop_token stop);

  void start();

  /// Answers with `kind` unless the call has answered.
  void abort(http_fault_kind kind);

private:
  void connect();

  void resolve();

  void open(std::vector<http_connection::tcp::endpoint> endpoints);

  void exchange();

  void on_exchanged(std::optional<http_fault> fault);

  /// The response of an error status, even if its body is not complete.
  std::optional<http_response> error_response();

  void fail(const http_fault& fault);

  void finish(caf::expected<http_response> result);

  http_call_host& host_;
  http_request request_;
  url target_;
  http_client::response_handler done_;
  boost::asio::steady_timer deadline_;
  std::optional<std::stop_callback<std::function<void()>>> stop_;
  std::shared_ptr<http_connection> connection_;
  bool is_reused_ = false;
};

} // namespace cosmo::net

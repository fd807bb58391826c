// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/error.hpp>

#include <chrono>
#include <compare>
#include <cstddef>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace cosmo::net {

/// Bytes of a response body taken before the exchange fails.
/// @source spec/README.md item 17
inline constexpr size_t response_bytes_default = 16 * 1024 * 1024;

/// Time a whole exchange may take. @source neurons.md 9.6
inline constexpr std::chrono::duration<double> http_timeout_default{120};

struct http_field {
  std::string name;
  std::string value;

  bool operator==(const http_field&) const = default;
};

struct http_request {
  std::string method = "POST";
  /// Absolute, http or https.
  std::string url;
  /// Added to `Host`, `User-Agent`, `Accept-Encoding` and `Content-Length`,
  /// which the client writes itself.
  std::vector<http_field> fields;
  std::string body;
  /// Bounds everything: resolve, connect, TLS, write, and read to the end. Of
  /// a body taken in pieces, what comes before its first content, and then the
  /// time between two pieces with content; see http_flow.
  std::chrono::duration<double> timeout = http_timeout_default;
  size_t response_bytes_max = response_bytes_default;
  /// What no error text may show.
  std::vector<std::string> secrets;
};

struct http_response {
  unsigned status = 0;
  std::vector<http_field> fields;
  std::string body;
  /// Set if the body of an error status was cut, broken or above the limit:
  /// the status counts more than what became of its body. Also set if its taker
  /// wanted no more of it.
  bool truncated = false;

  bool ok() const noexcept {
    return status >= 200 && status <= 299;
  }

  /// The value of a field, several ones joined by `, `; empty without one.
  std::string field(std::string_view name) const;
};

struct http_client_options {
  /// Certificates to trust besides the system's (and `SSL_CERT_FILE`).
  std::string ca_file;
  /// Unused connections kept for one host; the oldest is closed beyond that.
  size_t idle_connections_max = 8;
  /// How long an unused connection is kept.
  std::chrono::milliseconds idle_time_max{30'000};

  auto operator<=>(const http_client_options&) const = default;
};

/// The word on a piece of a body, from whoever takes it.
///
/// Nothing more is read before it is given, so that the sender is slowed down
/// by its socket, and no request times out meanwhile. The first word counts. If
/// all copies go away without one, the exchange ends with ec::cancelled.
/// @affinity any thread
class http_flow {
public:
  /// The reading side; implemented by the client.
  class state {
  public:
    virtual ~state() = default;
    virtual void read_on() = 0;
    virtual void skip() = 0;
    virtual void finish() = 0;
    virtual void fail(caf::error reason) = 0;
  };

  explicit http_flow(std::shared_ptr<state> impl) : impl_(std::move(impl)) {
    // nop
  }

  /// Reads on; the timeout starts anew.
  void read_on() const {
    impl_->read_on();
  }

  /// Reads on, but the piece was no content: the timeout goes on.
  void skip() const {
    impl_->skip();
  }

  /// Ends the exchange well: what was wanted is here.
  void finish() const {
    impl_->finish();
  }

  /// Ends the exchange with this error.
  void fail(caf::error reason) const {
    impl_->fail(std::move(reason));
  }

private:
  std::shared_ptr<state> impl_;
};

/// Takes a body while it arrives. What the functions throw is logged and ends
/// the exchange.   @affinity the client's I/O thread; must not block
struct http_body_taker {
  /// Whether to take the body of this response; its `body` is empty yet.
  /// Otherwise it is read as a whole. Without a function: if the status is ok.
  std::function<bool(const http_response& head)> wants = {};
  /// Takes the next bytes, which are there during the call only.
  std::function<void(std::string_view bytes, http_flow flow)> take;
};

/// Sends HTTP requests without ever blocking the caller.
///
/// A client owns one I/O thread, started by the first request, and a pool of
/// connections. It follows no redirect and repeats no request, but for one
/// case: a *reused* connection that the server closed before a byte of the
/// response arrived is replaced by a new one, once, within the same deadline.
/// The destructor ends every unfinished exchange with ec::cancelled; it waits
/// for the thread unless it runs on that thread itself.
class http_client {
public:
  /// @affinity the client's I/O thread; the caller's if nothing was sent yet
  using response_handler = std::function<void(caf::expected<http_response>)>;

  /// @returns ec::bad_config if `ca_file` cannot be read.
  static caf::expected<std::shared_ptr<http_client>>
  open(const http_client_options& options);

  /// The client that all users without one of their own have in common. It
  /// lives as long as any of them.
  static std::shared_ptr<http_client> shared();

  /// The client that all users of equal options have in common. What `ca_file`
  /// holds is read when the first of them comes.
  /// @returns ec::bad_config if `ca_file` cannot be read.
  static caf::expected<std::shared_ptr<http_client>>
  shared(const http_client_options& options);

  ~http_client();

  http_client(const http_client&) = delete;
  http_client& operator=(const http_client&) = delete;

  /// Starts an exchange and calls `done` exactly once with what came of it. A
  /// request to stop closes the socket. Every status is a response; see
  /// `status_error` for those that count errors among them.
  /// @returns in `done` ec::bad_argument, resolve_failed, connect_failed,
  ///          connection_lost, tls_failed, bad_response, too_large, timeout,
  ///          cancelled.   @affinity any thread
  void send(http_request request, std::stop_token stop, response_handler done);

  /// As `send`, but hands the body over in pieces while it arrives. `done` then
  /// gets the response without it, after the word on the last piece was given.
  /// @returns in `done` also the reason given to http_flow::fail.
  void stream(http_request request, std::stop_token stop, http_body_taker taker,
              response_handler done);

  /// Calls `fn` on the I/O thread when it is time, or never if the client goes
  /// away before.   @affinity any thread
  void call_at(std::chrono::steady_clock::time_point when,
               std::function<void()> fn);

private:
  class engine;

  explicit http_client(std::shared_ptr<engine> impl);

  std::shared_ptr<engine> engine_;
};

/// The failure that a response outside 200 to 299 stands for, the beginning of
/// its body quoted.   @returns ec::http_status, or nothing for a good one.
/// @source neurons.md 9.5
caf::error status_error(const http_request& request,
                        const http_response& response);

} // namespace cosmo::net

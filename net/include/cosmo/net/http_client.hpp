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
  /// Bounds everything: resolve, connect, TLS, write, and read to the end.
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
  /// the status counts more than what became of its body.
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

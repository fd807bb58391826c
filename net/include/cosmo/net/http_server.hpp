// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/net/http_client.hpp>
#include <cosmo/net/websocket.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace cosmo::net {

/// A request as it came, its body complete.
struct incoming_request {
  std::string method;
  /// Path and query as they stand in the request line.
  std::string target;
  std::vector<http_field> fields;
  std::string body;

  /// The target without its query.
  std::string_view path() const;

  /// The value of a field, several ones joined by `, `; empty without one.
  std::string field(std::string_view name) const;
};

/// A response whose body is written piece by piece.
///
/// A cheap handle. If all copies go away before `end`, the connection is cut,
/// so that the client does not take half a body for a whole one.
/// @affinity any thread
class http_body_writer {
public:
  /// Learns what became of a piece. @affinity the server's I/O thread, or the
  /// caller's: must not block
  using written_handler = std::function<void(caf::error)>;

  /// The server's side.
  class state {
  public:
    virtual ~state() = default;
    virtual void write(std::string bytes, written_handler done) = 0;
    virtual void end() = 0;
  };

  explicit http_body_writer(std::shared_ptr<state> impl)
    : impl_(std::move(impl)) {
    // nop
  }

  /// Queues a piece; `done` is called when the socket has taken it. Write the
  /// next one only then: a slow client would have the pieces pile up here.
  /// @returns in `done` ec::cancelled if the client has gone, ec::too_large if
  ///          `unsent_bytes_max` would be exceeded, and the piece is dropped.
  void write(std::string bytes, written_handler done) const {
    impl_->write(std::move(bytes), std::move(done));
  }

  /// As above; returns when the socket has taken the piece. Not from a
  /// `written_handler`.
  caf::error write(std::string bytes) const;

  /// Ends the response well. Only the first call counts.
  void end() const {
    impl_->end();
  }

private:
  std::shared_ptr<state> impl_;
};

/// The one-shot answer to a request.
///
/// Copyable and usable from any thread. The first call of `send`, `stream` or
/// `upgrade` counts. If all copies go away without one, the client gets status
/// 500: no request is ever left without an answer.
class http_reply {
public:
  /// The server's side.
  class state {
  public:
    virtual ~state() = default;
    virtual void send(http_response whole) = 0;
    virtual http_body_writer stream(http_response head) = 0;
    virtual websocket upgrade(websocket_options options,
                              std::function<void()> on_close)
      = 0;
    virtual std::stop_token client_gone() const = 0;
  };

  explicit http_reply(std::shared_ptr<state> impl) : impl_(std::move(impl)) {
    // nop
  }

  /// Sends a whole response. `Content-Length` and `Connection` are the
  /// server's; a field that cannot be sent makes it a 500, which is logged.
  void send(http_response whole) const {
    impl_->send(std::move(whole));
  }

  /// Sends the head; the body follows in pieces, the one in `head` first.
  http_body_writer stream(http_response head) const {
    return impl_->stream(std::move(head));
  }

  /// Makes a WebSocket of the connection. What is sent before the client has
  /// been answered waits; one that has asked for no WebSocket gets status 426.
  /// @param on_close is called once, whatever becomes of it, and must not
  ///        block. @affinity the server's I/O thread, or whoever gives up last
  /// @pre `check(options)` has nothing to say
  websocket upgrade(websocket_options options,
                    std::function<void()> on_close) const {
    return impl_->upgrade(options, std::move(on_close));
  }

  /// Requested when nobody waits for the answer any more: the client has
  /// closed the connection or its sending half, or the server is stopping and
  /// the grace is over. Callbacks run on a thread of their own, which they may
  /// block for a while. A write that fails may be the first to tell: whoever
  /// then returns takes his callback along before it has run.
  std::stop_token client_gone() const {
    return impl_->client_gone();
  }

private:
  std::shared_ptr<state> impl_;
};

struct http_server_options {
  /// An address of this machine, no name. @see doc/architecture.md for why
  /// there is no TLS.
  std::string address = "127.0.0.1";
  /// 0 for any that is free.
  uint16_t port = 0;
  /// Request line and fields.
  uint32_t head_bytes_max = 32 * 1024;
  size_t body_bytes_max = 16 * 1024 * 1024;
  /// Further clients wait until one has gone.
  size_t connections_max = 1024;
  /// Threads for handlers; further requests wait until one is free.
  size_t handler_threads_max = 64;
  /// How long a connection is kept without a request, or while its client does
  /// not take a byte of the response.
  std::chrono::milliseconds idle_time_max{60'000};
  /// How long a request may take from its first byte to its last.
  std::chrono::milliseconds request_time_max{30'000};
  /// Bytes of a streamed response that may wait for the socket.
  size_t unsent_bytes_max = 1024 * 1024;
};

/// @returns ec::bad_config naming the option.
caf::error check(const http_server_options& options);

/// Serves HTTP/1.1 to whoever connects.
///
/// A server owns one I/O thread, and threads for its handlers, which may block
/// as long as they like. A request that is no HTTP, too large, too slow or not
/// supported is answered by the server itself: 400, 408, 413, 417, 431, 501,
/// each with the body {"error": <text>}. Responses to HEAD lose their body.
/// The destructor stops without grace. Not to be destroyed by its own handlers.
class http_server {
public:
  /// What it throws is logged and answered with status 500.
  /// @affinity a handler thread; called concurrently
  using handler = std::function<void(incoming_request, http_reply)>;

  /// Listens at once.   @returns ec::bad_config, ec::bind_failed.
  static caf::expected<std::shared_ptr<http_server>>
  open(http_server_options options, handler fn);

  ~http_server();

  http_server(const http_server&) = delete;
  http_server& operator=(const http_server&) = delete;

  /// Where it listens.
  uint16_t port() const noexcept;

  /// `http://<address>:<port>`
  std::string url() const;

  /// Stops listening, lets requests under way finish for `grace`, then cuts
  /// what is left, and returns when all handlers have. Idempotent.
  /// @affinity any thread but a handler's
  void stop(std::chrono::milliseconds grace = std::chrono::milliseconds{0});

private:
  class engine;

  explicit http_server(std::shared_ptr<engine> impl);

  std::shared_ptr<engine> engine_;
};

} // namespace cosmo::net

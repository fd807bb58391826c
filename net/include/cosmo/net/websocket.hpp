// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/error.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace cosmo::net {

struct websocket_options {
  /// What may wait for a client that does not keep up. Beyond either bound the
  /// oldest message is dropped, for its news are old; the newest is kept
  /// however large it is.
  size_t messages_max = 2'000;
  size_t bytes_max = 64 * 1024 * 1024;
  /// How long a client may be silent before it is pinged. One that is silent
  /// for as long again has gone.
  std::chrono::milliseconds ping_interval{30'000};
};

/// @returns ec::bad_config naming the option.
caf::error check(const websocket_options& options);

/// The server's end of a WebSocket, for sending only: what the client says is
/// read and ignored, up to 64 KiB a message.
///
/// A cheap handle. When all copies have gone the WebSocket is closed.
/// @affinity any thread   @source RFC 6455
class websocket {
public:
  /// The server's side.
  class state {
  public:
    virtual ~state() = default;
    virtual void send(std::string text) = 0;
    virtual void close() = 0;
    virtual uint64_t dropped() const = 0;
  };

  explicit websocket(std::shared_ptr<state> impl) : impl_(std::move(impl)) {
    // nop
  }

  /// Queues a text message; dropped without a word once the WebSocket is
  /// closed.   @pre `text` is UTF-8, or the client closes
  void send(std::string text) const {
    impl_->send(std::move(text));
  }

  /// Closes when all that waits has been sent.
  void close() const {
    impl_->close();
  }

  /// How many messages have been dropped because the client did not keep up.
  uint64_t dropped() const {
    return impl_->dropped();
  }

private:
  std::shared_ptr<state> impl_;
};

} // namespace cosmo::net

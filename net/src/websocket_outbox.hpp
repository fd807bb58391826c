// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/net/websocket.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <variant>

namespace cosmo::net {

/// What waits to be sent through one WebSocket. Senders put into it, the
/// session takes out of it.   @affinity any thread
class websocket_outbox {
public:
  /// Nothing waits at the moment.
  struct nothing {};
  /// Nothing waits, and nothing more will come.
  struct finished {};
  using item = std::variant<nothing, finished, std::string>;

  websocket_outbox(const websocket_options& options,
                   std::function<void()> on_close);

  /// The right to take, with the duty to end: the outbox ends with the last
  /// copy.
  static std::shared_ptr<websocket_outbox>
  reader_of(std::shared_ptr<websocket_outbox> outbox);

  /// @returns whether the reader must be told.
  [[nodiscard]] bool push(std::string text);

  /// Lets nothing more in.   @returns whether the reader must be told.
  [[nodiscard]] bool finish();

  /// After `nothing` the reader is told of what comes next.
  item take();

  /// The WebSocket has gone. Tells its owner, once.
  void end();

  uint64_t dropped() const;

private:
  bool is_full() const;

  void drop_oldest();

  bool is_to_be_told();

  const websocket_options options_;
  mutable std::mutex mutex_;
  std::function<void()> on_close_;
  std::deque<std::string> waiting_;
  size_t waiting_bytes_ = 0;
  uint64_t dropped_ = 0;
  /// The reader knows that there is something.
  bool is_told_ = false;
  bool is_finished_ = false;
};

} // namespace cosmo::net

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/backoff.hpp>
#include <cosmo/error.hpp>
#include <cosmo/ids.hpp>
#include <cosmo/json_fwd.hpp>
#include <cosmo/net/bus_url.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace cosmo::net {

struct wire_client_options {
  /// Bytes of a line that is taken; a server of ours is told.
  size_t line_bytes_max = 16 * 1024 * 1024;
  /// Bytes of a line that is published. Absent: what the server has announced,
  /// or 65,536, which is as much as one of upstream's Python SDK takes.
  std::optional<size_t> publish_bytes_max = {};
  /// Bytes that may wait for the server.
  size_t unsent_bytes_max = 64 * 1024 * 1024;
  /// For the name, the connection, and the server's greeting.
  std::chrono::milliseconds connect_timeout{5'000};
  /// For the answer to a subscription, a flush, a line of management.
  std::chrono::milliseconds answer_timeout{5'000};
  /// Whether a lost connection is made anew, and subscribed again, until that
  /// succeeds. Nothing is published meanwhile, and nothing kept for later.
  bool reconnect = false;
  /// The pause before the n-th attempt.
  backoff reconnect_pause
    = exponential_backoff({.initial = std::chrono::milliseconds{100},
                           .cap = std::chrono::seconds{5}});
};

/// @returns ec::bad_config naming the option.
caf::error check(const wire_client_options& options);

/// What a client tells of itself. @affinity its I/O thread: must not block
struct wire_client_events {
  /// The connection is lost; all that waited for the server has failed.
  std::function<void(const caf::error&)> on_lost = {};
  /// It is there again, with all subscriptions.
  std::function<void()> on_back = {};
  /// Somebody has stopped this namespace, which was registered here.
  std::function<void(std::string_view)> on_name_space_stopping = {};
};

/// A connection to a `cosmo://` server, ours or one of the upstream SDKs.
/// Frames are texts, which it never looks into.
///
/// Callbacks run on its own I/O thread and must not block, nor call what does.
/// @affinity any thread   @source synapse-and-cli.md section 5
class wire_client {
public:
  using subscription_id = uint64_t;

  /// Takes what was published, both valid during the call only.
  using message_handler
    = std::function<void(std::string_view subject, std::string_view frame)>;

  using done_handler = std::function<void(caf::error)>;

  /// Connects; blocks for `connect_timeout` at most.
  /// @param to `cosmo://host:port`; both have defaults, the path is ignored.
  /// @returns ec::bad_argument, ec::bad_config, ec::connect_failed or
  ///          ec::timeout naming the address.
  static caf::expected<std::shared_ptr<wire_client>>
  connect(const bus_url& to, wire_client_options options = {},
          wire_client_events events = {}, world outside = world::real());

  /// As above.
  static caf::expected<std::shared_ptr<wire_client>>
  connect(std::string_view url, wire_client_options options = {},
          wire_client_events events = {}, world outside = world::real());

  /// Closes.
  ~wire_client();

  wire_client(const wire_client&) = delete;
  wire_client& operator=(const wire_client&) = delete;

  /// Queues a frame for the server.
  /// @returns ec::not_connected, ec::too_large, ec::overloaded, or
  ///          ec::bad_argument for an empty subject or text that is not UTF-8.
  caf::error publish(std::string_view subject, std::string_view frame);

  /// Subscribes to a pattern. `done` is called when the server has done so;
  /// messages may come before.
  subscription_id subscribe(std::string_view pattern,
                            std::optional<std::string> group,
                            message_handler fn, done_handler done);

  /// As above; returns when the server has done so. Blocks, for
  /// `answer_timeout` at most.
  /// @returns ec::wire_refused with the server's words, ec::timeout,
  ///          ec::not_connected.
  caf::expected<subscription_id> subscribe(std::string_view pattern,
                                           std::optional<std::string> group,
                                           message_handler fn);

  /// Ends a subscription; also without a connection. Unknown ones are ignored.
  /// Its handler may be in the middle of a call.
  void unsubscribe(subscription_id which);

  /// Calls `done` when the server has handled everything before.
  void flush(done_handler done);

  /// As above. Blocks, for `answer_timeout` at most.
  /// @returns ec::timeout, ec::not_connected.
  caf::error flush();

  /// Sends a line of management, `{"op": "mgmt_list"}` for example, and waits
  /// for the answer. Blocks, for `answer_timeout` at most.
  /// @returns ec::wire_refused with the server's words, ec::not_found if they
  ///          are that there is no such namespace, ec::timeout,
  ///          ec::not_connected.   @source synapse-and-cli.md 5.4, 5.5, 5.8
  caf::expected<json> manage(const json& request);

  bool connected() const;

  /// What who waited for an answer in vain is told.
  caf::error no_answer() const;

  std::chrono::milliseconds answer_timeout() const noexcept;

  /// `cosmo://host:port`, with the defaults filled in.
  const std::string& url() const noexcept;

  /// Writes what was published, for two seconds at most. Idempotent.
  /// @affinity not a callback
  void close();

private:
  class engine;

  explicit wire_client(std::shared_ptr<engine> impl);

  std::shared_ptr<engine> engine_;
};

} // namespace cosmo::net

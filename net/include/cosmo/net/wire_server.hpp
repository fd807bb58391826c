// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/error.hpp>
#include <cosmo/ids.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace cosmo::net {

/// Sees everything that is published. What it throws is logged.
/// @affinity the server's I/O thread: must not block
using wire_observer
  = std::function<void(std::string_view subject, std::string_view frame)>;

struct wire_server_options {
  /// An address of this machine, no name. There is neither encryption nor a
  /// password: beyond the own machine it is for trusted networks only.
  std::string address = "127.0.0.1";
  /// 0 for any that is free.
  uint16_t port = 7070;
  /// Bytes of a line that is taken; a client that sends a longer one is told
  /// so and disconnected.
  size_t line_bytes_max = 16 * 1024 * 1024;
  /// Bytes of a line for a client that has not said how long they may be.
  /// Upstream's reader of Python breaks beyond this, and never says so.
  size_t peer_line_bytes_max = 65'536;
  /// Bytes that may wait for a client that does not read; then it is
  /// disconnected, and the log says `slow_consumer`.
  size_t unsent_bytes_max = 64 * 1024 * 1024;
  /// Bytes of a subject, a pattern, a `sub_id`, the name of a queue group.
  size_t name_bytes_max = 4'096;
  /// Tokens of a pattern: each costs some hundred bytes.
  size_t pattern_tokens_max = 32;
  /// Subscriptions of one client.
  size_t subscriptions_max = 100'000;
  /// Bytes of the name of a namespace, and of its transport.
  size_t name_space_bytes_max = 256;
  /// Namespaces that one client may own.
  size_t name_spaces_max = 64;
};

/// @returns ec::bad_config naming the option.
caf::error check(const wire_server_options& options);

/// What a server has to do, and has done since it was opened.
struct wire_server_stats {
  uint64_t connections = 0;
  uint64_t subscriptions = 0;
  uint64_t name_spaces = 0;
  /// Published by clients.
  uint64_t signals_received = 0;
  /// Passed on, once for each subscription.
  uint64_t signals_sent = 0;
  /// Not passed on, for the client could not take so long a line.
  uint64_t signals_withheld = 0;
  /// Answered with `err`.
  uint64_t lines_refused = 0;
  /// Clients that were disconnected because they did not read.
  uint64_t slow_consumers = 0;
};

/// A bus for several processes: the server of the `cosmo://` protocol, for our
/// clients and those of the upstream SDKs.
///
/// It relays frames and never reads them. Lines of one client are handled one
/// after another; nobody waits for a client that is slow. All of it happens on
/// one thread of its own.
/// @affinity any thread   @source synapse-and-cli.md section 5
class wire_server {
public:
  /// Listens at once. Time comes from `outside`.
  /// @returns ec::bad_config, ec::bind_failed.
  static caf::expected<std::shared_ptr<wire_server>>
  open(wire_server_options options, wire_observer observer = {},
       world outside = world::real());

  /// Stops.
  ~wire_server();

  wire_server(const wire_server&) = delete;
  wire_server& operator=(const wire_server&) = delete;

  const std::string& address() const noexcept;

  uint16_t port() const noexcept;

  /// `cosmo://<address>:<port>`
  std::string url() const;

  /// How many clients are connected.
  size_t connections() const noexcept;

  wire_server_stats stats() const noexcept;

  /// Disconnects everybody without a word. Idempotent.
  /// @affinity not the observer's
  void stop();

private:
  class engine;

  explicit wire_server(std::shared_ptr<engine> impl);

  std::shared_ptr<engine> engine_;
};

} // namespace cosmo::net

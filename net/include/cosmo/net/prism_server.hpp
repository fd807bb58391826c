// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/error.hpp>
#include <cosmo/ids.hpp>
#include <cosmo/net/websocket.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace cosmo::net {

/// What the observer of a bus hears. Both may be called from any thread, and
/// return soon.
struct observer_events {
  /// One Signal, still encoded; valid during the call.
  std::function<void(std::string_view subject, std::string_view frame)>
    on_frame;
  /// The connection is lost; nothing more will come.
  std::function<void(caf::error)> on_lost;
};

/// Begins to observe a namespace of the bus at `url`: asks once who is there
/// (DISCOVER), unless that is unwanted, and subscribes to everything without a
/// group. May block. The observation ends when the returned object is
/// destroyed, which may block, too.
/// @returns ec::bad_argument or ec::unsupported_transport for the URL,
///          ec::connect_failed, resolve_failed, tls_failed or timeout for the
///          connection, anything else for the subscription.
using observe = std::function<caf::expected<std::shared_ptr<void>>(
  const std::string& url, const std::string& name_space, observer_events)>;

struct prism_options {
  /// On 127.0.0.1; 0 for any that is free.
  uint16_t port = 7071;
  /// The bus that the page shows at first; empty: it asks.
  std::string url = {};
  std::string name_space = "dev";
  /// Browsers that look on at a time; each has a connection to a bus.
  size_t viewers_max = 32;
  /// What waits for one browser, and how it is known to be there.
  websocket_options viewer = {};
  /// Gives Signals that come without an id or a time theirs.
  world outside = world::real();
};

/// @returns ec::bad_config naming the option.
caf::error check(const prism_options& options);

/// Prism: shows buses in a browser, live and read-only.
///
/// It serves its page on 127.0.0.1, and one WebSocket for each browser, which
/// observes a bus of its own. All it knows of buses is `observe`, so there is
/// nothing that a browser could do to one. A browser that does not keep up
/// misses the oldest Signals; what that bus does is not held up.
/// @affinity any thread   @source synapse-and-cli.md section 11
class prism_server {
public:
  /// Listens at once.   @returns ec::bad_config, ec::bind_failed.
  static caf::expected<std::shared_ptr<prism_server>>
  open(prism_options options, observe feed);

  /// Stops.
  ~prism_server();

  prism_server(const prism_server&) = delete;
  prism_server& operator=(const prism_server&) = delete;

  uint16_t port() const noexcept;

  /// `http://127.0.0.1:<port>`
  std::string url() const;

  /// Closes all WebSockets and ends their observations. Idempotent.
  void stop();

private:
  class engine;

  explicit prism_server(std::shared_ptr<engine> impl);

  std::shared_ptr<engine> engine_;
};

} // namespace cosmo::net

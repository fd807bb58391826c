// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/error.hpp>
#include <cosmo/ids.hpp>
#include <cosmo/net/observation.hpp>
#include <cosmo/net/websocket.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace cosmo::net {

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

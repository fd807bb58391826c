// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/error.hpp>

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
  /// The connection is lost; nothing more will come, unless it comes back.
  std::function<void(caf::error)> on_lost;
  /// It is back. What the bus carried meanwhile is not seen.
  std::function<void()> on_back = {};
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

struct observe_bus_options {
  /// The question is all that an observer ever publishes; without it, it
  /// publishes nothing.
  bool asks_who_is_there = true;
  /// Whether a lost connection is made anew, until that succeeds.
  bool reconnect = false;
};

/// Observes `cosmo://` buses.
/// @source synapse-and-cli.md sections 10 and 11.2
observe observe_bus(observe_bus_options options = {});

} // namespace cosmo::net

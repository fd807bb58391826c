// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/actors.hpp>
#include <cosmo/dead_letters.hpp>
#include <cosmo/inbox.hpp>
#include <cosmo/signal_builder.hpp>

#include <caf/fwd.hpp>

#include <functional>
#include <string>
#include <string_view>

namespace cosmo {

/// What a runtime gives to a bus that somebody else provides.
struct transport_context {
  caf::actor_system& system;
  /// Makes Signals; knows the clock and chance of the runtime.
  const signal_builder& build;
  /// The mail of the new actor, which is to be `actors::with_inbox`.
  actors::inbox_ptr box;
  dead_letters_ptr letters;
};

/// A way to buses outside of the runtime, by the scheme of their URLs.
/// @see runtime::add_transport
struct transport {
  /// Lower case, `cosmo` for example.
  std::string scheme;
  /// Connects, and may block for that. The actor ends when the bus is lost for
  /// good; its Dendrites stop then.
  std::function<caf::expected<synapse_actor>(const transport_context&,
                                             std::string_view url)>
    connect;
};

} // namespace cosmo

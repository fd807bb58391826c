// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/json.hpp>
#include <cosmo/signal.hpp>
#include <cosmo/signal_type.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace cosmo {

/// Which Signals a handler wants to see; all that is given must hold.
/// @source dendrite.md section 19.2
struct handler_filter {
  /// The id in `directed`: the addressee of work, the producer of anything
  /// else, the announced id of management Signals, the id asked for by a
  /// DISCOVER.
  std::optional<std::string> neuron = {};
  /// What a TASK, an offer or a DISCOVER asks for; of anything else, what the
  /// Neuron in `directed` offers as far as this Dendrite knows.
  std::optional<std::string> capability = {};
  std::optional<std::string> trace_id = {};
};

/// Called off the scheduler, so it may block and use every call of the
/// framework. What it throws is logged.
using signal_handler = std::function<void(const signal&)>;

/// A handler to be registered with a Dendrite.
struct handler_spec {
  signal_type_set types;
  handler_filter only;
  signal_handler fn;
  /// Whether it watches what comes by default, and so takes nothing over from
  /// the Dendrite itself.
  bool passive = false;
};

/// What `on_refresh` hooks are told. @source dendrite.md section 20
struct refresh_event {
  /// `heartbeat`, `register`, `deregister`, `stale`, `manual`, or free text.
  std::string reason = "manual";
  std::optional<std::string> neuron_id = {};
  json extra = json::object();
};

} // namespace cosmo

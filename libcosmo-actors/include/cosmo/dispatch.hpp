// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/json.hpp>
#include <cosmo/role.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace cosmo {

/// No deadline.
inline constexpr std::chrono::nanoseconds forever
  = std::chrono::nanoseconds::max();

/// What a dispatch call may be told. At least one of `neuron` and
/// `capabilities` is required.
/// @source dendrite.md section 12
struct dispatch_options {
  /// Id of the Neuron the TASK is addressed to.
  std::string neuron = {};
  /// What the Neuron works on; an object.
  json input = json::object();
  /// Capabilities one Axon must cover; informational when `neuron` is set.
  std::vector<std::string> capabilities = {};
  /// Absent: a fresh trace.
  std::optional<std::string> trace_id = {};
  std::optional<std::string> parent_id = {};
  std::string context_ref = {};
  cosmo::scope scope = cosmo::scope::all;
  /// Absent: true exactly when `scope` is terminal.
  std::optional<bool> finalize = {};
  json meta = nullptr;
  /// How long `dispatch_and_wait` waits.
  std::chrono::nanoseconds timeout = std::chrono::seconds{30};
};

} // namespace cosmo

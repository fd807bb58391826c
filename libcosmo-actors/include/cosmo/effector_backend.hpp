// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/effector_call.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace cosmo {

/// What an Effector announces of itself; fixed at construction.
/// @source neurons.md 17.3
struct effector_description {
  /// Its address.
  std::string effector_id;
  /// A routing label.
  std::string effector_kind = "effector";
  /// The names of its tools; empty: any.
  std::vector<std::string> capabilities = {};
  std::optional<std::string> version = {};
  /// Calls at the same time; more wait for their turn.
  size_t concurrency = 32;
};

/// A TOOL_CALL as a tool sees it.
struct tool_request {
  std::string tool;
  /// An object.
  json args = json::object();
  std::optional<std::string> call_id = {};
  /// How long the caller waits, from when it asked.
  std::optional<std::chrono::milliseconds> deadline = {};
  std::string trace_id = {};
  /// Requested when nobody wants the answer any more: by STOP, stop and detach.
  std::stop_token stop = {};
};

/// Something that acts: what is behind an Effector.
///
/// All functions may block; they run off the scheduler. `can_serve` and
/// `invoke` are called from several threads at a time, the others alone.
/// @source neurons.md 17.3
class effector_backend {
public:
  virtual ~effector_backend();

  virtual const effector_description& describe() const noexcept = 0;

  /// One that fails is tried again, after a pause that grows.
  virtual caf::error connect();

  /// Called when no call is under way; may be connected again.
  virtual void close();

  /// Whether to answer a call of this tool; else there is silence. Without an
  /// override: whether the description lists it, or none.
  virtual bool can_serve(const std::string& tool);

  /// Runs a tool. What it throws becomes `effector_exception: <text>`. The
  /// outcome's tool, call and Effector are filled in where they are empty.
  virtual tool_outcome invoke(const tool_request& call) = 0;
};

using effector_backend_ptr = std::shared_ptr<effector_backend>;

} // namespace cosmo

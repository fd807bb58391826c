// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/tool_schema.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cosmo {

/// What the call of a tool may be told. One of `effector_id` and
/// `effector_kind` is required. @source neurons.md 17.5
struct call_tool_options {
  /// The Effector to ask.
  std::string effector_id = {};
  /// Every Effector of this kind is asked, the first answer counts; means
  /// nothing beside an id.
  std::string effector_kind = {};
  std::string tool = {};
  /// An object, or null for an empty one.
  json args = json::object();
  /// The model's id of the call.
  std::optional<std::string> call_id = {};
  /// Absent: the binding's default, then the Dendrite's; 0: none.
  std::optional<std::chrono::milliseconds> deadline = {};
  /// Absent: a fresh trace, or that of the running TASK.
  std::optional<std::string> trace_id = {};
  std::optional<std::string> parent_id = {};
  json meta = nullptr;
};

/// What a tool came to. @source neurons.md 17.3
struct tool_outcome {
  std::string tool = {};
  json result = nullptr;
  /// Why the tool failed: the call itself did not.
  std::optional<std::string> error = {};
  std::optional<std::string> call_id = {};
  std::optional<int64_t> took_ms = {};
  /// Who answered.
  std::string effector_id = {};

  bool ok() const noexcept {
    return !error;
  }
};

/// An Effector that a Neuron may use, under a name of its own.
/// @source neurons.md 17.5
struct effector_binding {
  std::string name;
  /// Its id; or
  std::optional<std::string> directed_id = {};
  /// its kind.
  std::optional<std::string> directed_type = {};
  std::optional<std::chrono::milliseconds> default_deadline = {};
  /// The names of its tools; empty: those of the schemas.
  std::vector<std::string> tools = {};
  /// What the model is told about them.
  std::vector<tool_schema> schemas = {};

  /// Whether it declares a tool of this name.
  bool lists(std::string_view tool) const;

  /// What it declares about a tool, or null.
  const tool_schema* schema_of(std::string_view tool) const;
};

/// @returns ec::bad_config naming what is missing.
caf::error check(const effector_binding& binding);

} // namespace cosmo

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/error.hpp>
#include <cosmo/json.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cosmo {

/// What a model is told about a tool. @source neurons.md 17.6
struct tool_schema {
  std::string name;
  std::string description = {};
  /// The JSON Schema of each parameter, by name: an object.
  json properties = json::object();
  /// Each of them is a property.
  std::vector<std::string> required = {};
  /// Whether arguments that are no properties are refused.
  bool strict = false;

  /// The JSON Schema of all arguments.
  /// @shape {"type", "properties", ["required"], ["additionalProperties"]}
  json parameters() const;

  /// The declaration in the shape of a provider or dialect: `anthropic` and
  /// `claude` have one of their own, all others that of OpenAI.
  json render(std::string_view dialect) const;

  /// What is wrong with these arguments, in one sentence; nothing if they may
  /// be passed on. Schemas inside of schemas are not looked at.
  std::optional<std::string> problems(const json& args) const;
};

/// @returns ec::bad_config naming what is wrong.
caf::error check(const tool_schema& schema);

} // namespace cosmo

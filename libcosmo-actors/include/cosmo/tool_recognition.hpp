// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/error.hpp>
#include <cosmo/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cosmo {

/// How a model writes the call of a tool. @source neurons.md 17.7
enum class tool_standard : uint8_t {
  hermes,
  claude,
  codex,
  /// Whichever of them yields something.
  automatic,
};

/// `hermes`, `claude`, `codex` or `auto`.
std::string_view to_string(tool_standard value) noexcept;

/// Any case. @returns ec::bad_config naming those there are.
caf::expected<tool_standard> parse_tool_standard(std::string_view text);

/// What a Neuron that asks a model says about it.
struct model_info {
  /// The name of its source: `openai`, `ollama`, `mcp`, ...
  std::string source;
  /// Empty where the server decides.
  std::string model = {};
  /// Whether it is a language model: an MCP server or an HTTP application is
  /// not.
  bool is_llm = true;

  /// Which shape its provider gives tools: `anthropic`, `ollama` or `openai`.
  std::string_view dialect() const noexcept;

  /// How it probably writes the call of a tool; nothing if it does not.
  std::optional<tool_standard> standard() const;
};

/// A call that a model has asked for.
struct tool_intent {
  std::string tool;
  json args = json::object();
  /// The model's id of the call.
  std::optional<std::string> call_id = {};

  bool operator==(const tool_intent&) const = default;
};

/// Calls in the fields of a provider's answer.
/// @shape raw {"meta": <answer>}, or the answer itself.
std::vector<tool_intent> native_tool_calls(const json& raw);

/// Calls that are written in a text.
std::vector<tool_intent> written_tool_calls(tool_standard how,
                                            std::string_view text);

/// The calls that a Neuron's result asks for: native ones, and only without
/// any of them those written in its text.
/// @shape raw {"response": string, "meta": object}, or a string.
std::vector<tool_intent> find_tool_calls(tool_standard how, const json& raw);

} // namespace cosmo

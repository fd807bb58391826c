// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/json.hpp>

#include <optional>
#include <string_view>

/// The intent convention: a model steers the protocol by answering with an
/// object that has a `cosmo` key. Recognisers are pure and total, and fit into
/// `axon_options::output_parser`. @source neurons.md section 6
namespace cosmo {

/// Reads the intent off a language model's `response`.
/// @shape raw {"response", "meta"}; the result is a marker object of neurons.md
///        1.6, the output the model gave, or `raw` as it was; what is no object
///        becomes {"value": raw}
json recognize_llm(json raw);

/// As above for what an MCP tool answered; a result with `is_error` becomes an
/// error marker with code `MCP_TOOL_ERROR`.
/// @shape raw {"response", "result", "is_error", "content", "meta"}
json recognize_mcp(json raw);

/// What a model is taught so that it can have intents at all.
extern const std::string_view cosmo_intent_system_prompt;

/// What an Axon around a source does with intents.
/// @source neurons.md section 7
struct intent_options {
  /// Whether the Neuron's answers are read for intents.
  bool recognize = true;
  /// Whether the model is taught them, after the `system` option of its source.
  /// If not set: if they are recognised and the source has that option.
  std::optional<bool> teach_intents = {};
};

} // namespace cosmo

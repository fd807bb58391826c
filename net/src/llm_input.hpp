// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/error.hpp>
#include <cosmo/json.hpp>

#include <string>
#include <string_view>

/// What a TASK's input means to a language model, without any provider's
/// dialect. @source neurons.md 9.1, 9.2
namespace cosmo::net {

struct llm_input {
  /// The conversation as given; empty array without one.
  json messages = json::array();
  /// The single prompt; looked for only if there are no messages.
  std::string prompt;
  /// Tool declarations as given; empty array without any.
  json tools = json::array();

  /// The messages, or the prompt as the user's only one.
  json as_messages() const;
};

/// @param label names the source in error texts.
/// @shape input {"prompt"|"text"|"query"|"content", "messages", "tools",
///        "clarification", "permission"}, all optional, others ignored
/// @returns ec::bad_input if there is nothing to send.
caf::expected<llm_input> read_llm_input(std::string_view label,
                                        const json& input);

/// The failure of an input that holds nothing for a model.
caf::error nothing_to_send(std::string_view label, const json& input);

/// The conversation with a system message in front, if there is one.
json with_system(const std::string& system, json messages);

/// Renders what came back after a CLARIFICATION or PERMISSION as a prompt.
/// @returns an empty string if `input` holds neither.
std::string follow_up_prompt(const json& input);

} // namespace cosmo::net

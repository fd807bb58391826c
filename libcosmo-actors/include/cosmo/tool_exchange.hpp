// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/effector_call.hpp>
#include <cosmo/tool_recognition.hpp>

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace cosmo {

/// All tools that the bindings declare, in the shape of `dialect`; empty
/// without any.
json render_tools(const std::vector<effector_binding>& bindings,
                  std::string_view dialect);

/// Who is to run a call that a model has asked for: the binding that lists the
/// tool, else the one named like it, else the only one.
/// @returns the binding, or why nobody is to: none serves the tool, or the
///          arguments are not as declared.
/// @source neurons.md 17.8
std::variant<const effector_binding*, std::string>
choose_binding(const std::vector<effector_binding>& bindings,
               const tool_intent& call);

/// A call as the output of an Axon shows it.
/// @shape {"tool", "args", ["call_id"]}
json to_json(const tool_intent& call);

/// A call and what became of it.
/// @shape {"tool", "args", ["call_id"], ["effector_id"], "result" | "error"}
json observation_of(const tool_intent& call, std::string why_not);
json observation_of(const tool_intent& call, const effector_binding& by,
                    const caf::expected<tool_outcome>& outcome);

/// The output of an Axon that has made some of the calls it was asked for, or
/// has only translated them.
///
/// @param seen what became of the first calls, at least of one.
/// @shape what became of the first, ["calls": all of them], ["dropped_calls":
///        those not made]
json acted_output(const std::vector<json>& seen,
                  const std::vector<tool_intent>& calls);

/// The messages that tell a model what became of the calls that it had asked
/// for.
///
/// @param exchanges outputs of an Axon that has acted, `calls` included.
/// @param dialect `anthropic` and `claude`, `ollama` and `hermes_text` have
///        shapes of their own, all others that of OpenAI.
/// @source neurons.md 17.9
json tool_result_messages(const std::vector<json>& exchanges,
                          std::string_view dialect);

} // namespace cosmo

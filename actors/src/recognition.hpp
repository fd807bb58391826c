// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/axon.hpp>
#include <cosmo/signal.hpp>
#include <cosmo/tool_exchange.hpp>

#include <variant>
#include <vector>

namespace cosmo::actors {

/// The payload of an Axon's answer: exactly what `axon_reply` may hold.
using reply_payload
  = std::variant<payload::agent_output, payload::clarification,
                 payload::permission, payload::error>;

/// The `before_task` hooks, in order, each seeing the previous result.
/// @returns the replaced input, nothing if no hook replaced it, or the text of
///          the exception that rejects the TASK.
/// @source neurons.md section 5.1
caf::expected<std::optional<json>> prepare_input(const axon::hooks& hooks,
                                                 const json& input);

/// The context a TASK refers to; `[]` without reference, fetcher or success.
/// @source neurons.md section 4.1, step 3
json fetch_context(const axon_options& options, const payload::task& task);

/// Parser and detectors over a raw result.
/// @returns ec::neuron_exception with the text of what they threw.
/// @source neurons.md sections 4.1 step 9 and 5.2
caf::expected<json> recognise(const axon_options& options,
                              const axon::hooks& hooks, json raw);

/// What a recognised result becomes: markers first, then an object as it is,
/// then any other value wrapped. One that is nested too deeply for any wire is
/// a failure, here where there is somebody to tell.
/// @source signals.md section 16
reply_payload map_result(json raw);

/// What a failed Neuron becomes.
payload::error neuron_exception(const caf::error& reason);

/// What an Axon answers a TASK with, but for the envelope.
struct run_reply {
  reply_payload payload;
  json meta = nullptr;
  /// Calls of tools to be made first: the payload is what becomes of them.
  std::vector<tool_intent> calls = {};
};

/// The calls of tools that a raw result asks for. Without bindings they are the
/// answer, otherwise they are to be made. Nothing if the result asks for none.
/// @source neurons.md 17.7 and 17.8
std::optional<run_reply> recognise_tools(const axon& what, const json& raw);

/// How many of these calls are made.
size_t calls_to_make(const axon& what, const std::vector<tool_intent>& calls);

/// The same for a Neuron that let the error of an Engram escape: `meta` names
/// it. @source engram.md 7.6
run_reply failed_run(const caf::error& reason);

} // namespace cosmo::actors

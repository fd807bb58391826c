// SPDX-License-Identifier: Apache-2.0
#include "tool_payload.hpp"

#include "payload_members.hpp"

#include <utility>

namespace cosmo::actors {

namespace {

std::string tool_of(const signal& sig) {
  auto tool = text_at(sig, "tool");
  return tool && !tool->empty() ? *tool
                                : text_at(sig, "tool_name").value_or("");
}

} // namespace

tool_request read_tool_call(const signal& sig) {
  tool_request result{.tool = tool_of(sig)};
  if (auto& args = member(sig, "args"); args.is_object())
    result.args = args;
  result.call_id = text_at(sig, "call_id");
  if (auto limit = integer_at(sig, "deadline_ms"); limit && *limit > 0)
    result.deadline = std::chrono::milliseconds{*limit};
  result.trace_id = sig.trace_id();
  return result;
}

tool_outcome read_tool_result(const signal& sig) {
  tool_outcome result{.tool = tool_of(sig), .result = member(sig, "result")};
  // Whoever fails may say it in other words than a text.
  if (auto& error = member(sig, "error"); !error.is_null())
    result.error
      = error.is_string() ? error.get<std::string>() : json_to_wire(error);
  result.call_id = text_at(sig, "call_id");
  result.took_ms = integer_at(sig, "took_ms");
  result.effector_id = sig.directed_id();
  return result;
}

payload::tool_result to_payload(const tool_outcome& outcome) {
  payload::tool_result result{.tool = outcome.tool};
  if (outcome.error)
    result.error = outcome.error;
  else if (!outcome.result.is_null())
    result.result = outcome.result;
  result.call_id = outcome.call_id;
  result.took_ms = outcome.took_ms;
  return result;
}

} // namespace cosmo::actors

// SPDX-License-Identifier: Apache-2.0
#include "recognition.hpp"

#include "json_depth.hpp"
#include <cosmo/limits.hpp>
#include <cosmo/log.hpp>

#include <algorithm>
#include <exception>
#include <type_traits>

namespace cosmo::actors {

namespace {

/// Runs user code; what it throws becomes the value of an error.
template <class F>
auto guarded(F fn) -> caf::expected<decltype(fn())> {
  try {
    return fn();
  } catch (const std::exception& err) {
    return make_error(ec::neuron_exception, err.what());
  } catch (...) {
    return make_error(ec::neuron_exception, "unknown exception");
  }
}

struct bucket {
  const std::vector<axon::detector>& detectors;
  const char* marker;
};

std::optional<json> detect(const bucket& b, const json& raw) {
  for (auto& detector : b.detectors) {
    auto fields = detector(raw);
    if (!fields)
      continue;
    if (!b.marker)
      return fields;
    if (!fields->is_object())
      throw std::invalid_argument(std::string{"a detector for "} + b.marker
                                  + " must return an object, not "
                                  + fields->type_name());
    json marked{{b.marker, true}};
    marked.update(*fields);
    return marked;
  }
  return std::nullopt;
}

const json& member(const json& object, const char* key) {
  static const json null;
  auto i = object.find(key);
  return i == object.end() ? null : *i;
}

json member_or(const json& object, const char* key, const char* fallback) {
  auto i = object.find(key);
  return i == object.end() ? json(fallback) : *i;
}

/// Texts pass as they are; ERROR's fields are texts, so other values become
/// their JSON.
std::string text_member(const json& object, const char* key,
                        const char* fallback) {
  auto value = member_or(object, key, fallback);
  return value.is_string() ? value.get<std::string>() : json_to_wire(value);
}

template <class Member>
bool too_deep(const Member& member) {
  // Inside of the envelope and the payload.
  constexpr auto levels = limits::encode_depth_max - 2;
  if constexpr (std::is_same_v<Member, json>)
    return is_deeper_than(member, levels);
  else if constexpr (std::is_same_v<Member, std::optional<json>>)
    return member && is_deeper_than(*member, levels);
  else
    return false;
}

/// What `encode` would refuse once the reply is on its way.
template <payload_struct P>
reply_payload sendable(P payload) {
  auto refused = std::apply(
    [&](const auto&... field) {
      return (too_deep(payload.*field.member) || ...);
    },
    P::fields());
  if (!refused)
    return payload;
  return neuron_exception(make_error(
    ec::too_deep,
    "the result makes " + std::string{to_string(P::type)} + " with more than "
      + std::to_string(limits::encode_depth_max) + " nested containers"));
}

json if_truthy(const json& value) {
  return truthy(value) ? value : json{};
}

payload::permission permission_of(const json& raw) {
  payload::permission result;
  result.action = member_or(raw, "action", "");
  result.scope = if_truthy(member(raw, "scope"));
  if (auto& reason = member(raw, "reason"); !reason.is_null())
    result.reason = reason;
  result.context = if_truthy(member(raw, "context"));
  return result;
}

} // namespace

caf::expected<std::optional<json>> prepare_input(const axon::hooks& hooks,
                                                 const json& input) {
  return guarded([&] {
    std::optional<json> current;
    for (auto& hook : hooks.before_task)
      if (auto next = hook(current ? *current : input);
          next && next->is_object())
        current = std::move(next);
    return current;
  });
}

json fetch_context(const axon_options& options, const payload::task& task) {
  if (task.context_ref.empty() || !options.context_fetcher)
    return json::array();
  auto fetched = guarded([&]() -> json {
    auto result = options.context_fetcher(task.context_ref);
    if (!result)
      throw std::runtime_error(message_of(result.error()));
    return std::move(*result);
  });
  if (fetched && fetched->is_array())
    return std::move(*fetched);
  auto why = fetched ? std::string{"not an array: "} + fetched->type_name()
                     : message_of(fetched.error());
  log::warning("axon", "context-not-fetched",
               options.neuron_id + ": " + task.context_ref + ": " + why);
  return json::array();
}

caf::expected<json> recognise(const axon_options& options,
                              const axon::hooks& hooks, json raw) {
  if (!options.output_parser && hooks.empty())
    return raw;
  return guarded([&]() -> json {
    if (options.output_parser)
      raw = options.output_parser(std::move(raw));
    const bucket buckets[] = {{hooks.error, "__error__"},
                              {hooks.clarification, "__clarification__"},
                              {hooks.permission, "__permission__"},
                              {hooks.output, nullptr}};
    for (auto& b : buckets)
      if (auto found = detect(b, raw))
        return std::move(*found);
    return std::move(raw);
  });
}

reply_payload map_result(json raw) {
  if (!raw.is_object())
    return sendable(payload::agent_output{json{{"value", std::move(raw)}}});
  if (truthy(member(raw, "__error__")))
    return payload::error{text_member(raw, "code", "NEURON_ERROR"),
                          text_member(raw, "message", ""),
                          truthy(member(raw, "recoverable"))};
  if (truthy(member(raw, "__clarification__")))
    return sendable(payload::clarification{member_or(raw, "question", ""),
                                           if_truthy(member(raw, "context"))});
  if (truthy(member(raw, "__permission__")))
    return sendable(permission_of(raw));
  return sendable(payload::agent_output{std::move(raw)});
}

payload::error neuron_exception(const caf::error& reason) {
  return {"NEURON_EXCEPTION", message_of(reason), false};
}

run_reply failed_run(const caf::error& reason) {
  run_reply result{neuron_exception(reason)};
  for (auto code : {ec::engram_timeout, ec::engram_cancelled,
                    ec::engram_not_bound, ec::engram_overloaded})
    if (reason == code)
      result.meta = {{"engram_error", to_string(code)}};
  return result;
}

size_t calls_to_make(const axon& what, const std::vector<tool_intent>& calls) {
  return what.options().parallel_tools ? calls.size() : 1;
}

std::optional<run_reply> recognise_tools(const axon& what, const json& raw) {
  if (!what.looks_for_tools())
    return std::nullopt;
  auto calls = find_tool_calls(*what.tool_standard(), raw);
  if (calls.empty())
    return std::nullopt;
  if (!what.options().effectors.empty())
    return run_reply{payload::agent_output{}, nullptr, std::move(calls)};
  std::vector<json> translated;
  for (size_t i = 0; i < calls_to_make(what, calls); ++i)
    translated.push_back(to_json(calls[i]));
  return run_reply{map_result(acted_output(translated, calls))};
}

} // namespace cosmo::actors

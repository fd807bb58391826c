// SPDX-License-Identifier: Apache-2.0
#include <cosmo/tool_exchange.hpp>

#include <algorithm>
#include <set>
#include <utility>

namespace cosmo {

// -- acting --------------------------------------------------------------------

json render_tools(const std::vector<effector_binding>& bindings,
                  std::string_view dialect) {
  auto result = json::array();
  for (auto& binding : bindings)
    for (auto& schema : binding.schemas)
      result.push_back(schema.render(dialect));
  return result;
}

namespace {

const effector_binding* find_binding(const std::vector<effector_binding>& all,
                                     const std::string& tool) {
  auto lists = [&](const effector_binding& b) { return b.lists(tool); };
  if (auto i = std::ranges::find_if(all, lists); i != all.end())
    return &*i;
  if (auto i = std::ranges::find(all, tool, &effector_binding::name);
      i != all.end())
    return &*i;
  return all.size() == 1 ? &all.front() : nullptr;
}

} // namespace

std::variant<const effector_binding*, std::string>
choose_binding(const std::vector<effector_binding>& bindings,
               const tool_intent& call) {
  auto found = find_binding(bindings, call.tool);
  if (!found) {
    std::string names;
    for (auto& b : bindings)
      names += (names.empty() ? "" : ", ") + b.name;
    return "no effector binding serves tool '" + call.tool + "'; bound: ["
           + names + "]";
  }
  if (auto schema = found->schema_of(call.tool))
    if (auto wrong = schema->problems(call.args))
      return std::move(*wrong);
  return found;
}

json to_json(const tool_intent& call) {
  json result{{"tool", call.tool}, {"args", call.args}};
  if (call.call_id)
    result["call_id"] = *call.call_id;
  return result;
}

json observation_of(const tool_intent& call, std::string why_not) {
  auto result = to_json(call);
  result["error"] = std::move(why_not);
  return result;
}

json observation_of(const tool_intent& call, const effector_binding& by,
                    const caf::expected<tool_outcome>& outcome) {
  auto result = to_json(call);
  if (!outcome) {
    if (by.directed_id)
      result["effector_id"] = *by.directed_id;
    auto& err = outcome.error();
    // The names are upstream's.
    auto token = err == ec::effector_timeout     ? "EffectorTimeout: "
                 : err == ec::effector_cancelled ? "EffectorCancelled: "
                                                 : "tool_dispatch_failed: ";
    result["error"] = token + message_of(err);
    return result;
  }
  result["effector_id"] = outcome->effector_id;
  if (outcome->error)
    result["error"] = *outcome->error;
  else
    result["result"] = outcome->result;
  return result;
}

json acted_output(const std::vector<json>& seen,
                  const std::vector<tool_intent>& calls) {
  auto result = seen.front();
  if (seen.size() > 1)
    result["calls"] = seen;
  if (calls.size() > seen.size()) {
    auto dropped = json::array();
    for (auto i = seen.size(); i < calls.size(); ++i)
      dropped.push_back(to_json(calls[i]));
    result["dropped_calls"] = std::move(dropped);
  }
  return result;
}

// -- feeding back --------------------------------------------------------------

namespace {

/// One call and what became of it, with an id that no other has.
struct exchange {
  std::string id;
  std::string tool;
  json args;
  std::string content;
  bool failed;
};

std::string text_at(const json& object, const char* key) {
  auto i = object.find(key);
  return i != object.end() && i->is_string() ? i->get<std::string>()
                                             : std::string{};
}

exchange read_exchange(const json& x) {
  exchange result{
    text_at(x, "call_id"), text_at(x, "tool"), json::object(), {}, false};
  if (auto args = x.find("args"); args != x.end() && args->is_object())
    result.args = *args;
  auto error = x.find("error");
  result.failed = error != x.end() && !error->is_null();
  auto what = result.failed ? error : x.find("result");
  if (what == x.end())
    result.content = "null";
  else
    result.content
      = what->is_string() ? what->get<std::string>() : json_to_wire(*what);
  return result;
}

std::vector<exchange> read_exchanges(const std::vector<json>& given) {
  std::vector<exchange> result;
  for (auto& x : given) {
    if (!x.is_object())
      continue;
    // Of several calls, the first stands twice.
    auto all = x.find("calls");
    if (all == x.end() || !all->is_array() || all->empty()) {
      result.push_back(read_exchange(x));
      continue;
    }
    for (auto& each : *all)
      if (each.is_object())
        result.push_back(read_exchange(each));
  }
  std::set<std::string> known;
  for (auto& x : result)
    if (!x.id.empty() && !known.insert(x.id).second)
      x.id.clear();
  size_t n = 0;
  for (auto& x : result)
    while (x.id.empty())
      if (auto made = "call_auto_" + std::to_string(++n);
          known.insert(made).second)
        x.id = std::move(made);
  return result;
}

std::string content_for_text(const exchange& x) {
  return x.failed ? "error: " + x.content : x.content;
}

json openai_messages(const std::vector<exchange>& all) {
  auto calls = json::array();
  for (auto& x : all)
    calls.push_back(
      {{"id", x.id},
       {"type", "function"},
       {"function", {{"name", x.tool}, {"arguments", json_to_wire(x.args)}}}});
  auto result = json::array({json{{"role", "assistant"},
                                  {"content", nullptr},
                                  {"tool_calls", std::move(calls)}}});
  for (auto& x : all)
    result.push_back({{"role", "tool"},
                      {"tool_call_id", x.id},
                      {"content", content_for_text(x)}});
  return result;
}

json anthropic_messages(const std::vector<exchange>& all) {
  auto calls = json::array();
  auto answers = json::array();
  for (auto& x : all) {
    calls.push_back({{"type", "tool_use"},
                     {"id", x.id},
                     {"name", x.tool},
                     {"input", x.args}});
    json answer{
      {"type", "tool_result"}, {"tool_use_id", x.id}, {"content", x.content}};
    if (x.failed)
      answer["is_error"] = true;
    answers.push_back(std::move(answer));
  }
  return json::array(
    {json{{"role", "assistant"}, {"content", std::move(calls)}},
     json{{"role", "user"}, {"content", std::move(answers)}}});
}

json ollama_messages(const std::vector<exchange>& all) {
  auto calls = json::array();
  for (auto& x : all)
    calls.push_back({{"function", {{"name", x.tool}, {"arguments", x.args}}}});
  auto result = json::array({json{{"role", "assistant"},
                                  {"content", nullptr},
                                  {"tool_calls", std::move(calls)}}});
  for (auto& x : all)
    result.push_back(
      {{"role", "tool"}, {"name", x.tool}, {"content", content_for_text(x)}});
  return result;
}

json hermes_text_messages(const std::vector<exchange>& all) {
  auto result = json::array();
  for (auto& x : all) {
    json call{{"name", x.tool}, {"arguments", x.args}};
    json answer{{"name", x.tool}, {"content", content_for_text(x)}};
    result.push_back(
      {{"role", "assistant"},
       {"content", "<tool_call>\n" + json_to_wire(call) + "\n</tool_call>"}});
    result.push_back({{"role", "user"},
                      {"content", "<tool_response>\n" + json_to_wire(answer)
                                    + "\n</tool_response>"}});
  }
  return result;
}

} // namespace

json tool_result_messages(const std::vector<json>& exchanges,
                          std::string_view dialect) {
  auto all = read_exchanges(exchanges);
  if (all.empty())
    return json::array();
  if (dialect == "anthropic" || dialect == "claude")
    return anthropic_messages(all);
  if (dialect == "ollama")
    return ollama_messages(all);
  if (dialect == "hermes_text")
    return hermes_text_messages(all);
  return openai_messages(all);
}

} // namespace cosmo

// SPDX-License-Identifier: Apache-2.0
#include "json_candidates.hpp"
#include <cosmo/tool_recognition.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace cosmo {

namespace {

using calls = std::vector<tool_intent>;

std::string lower(std::string_view text) {
  std::string result{text};
  for (auto& c : result)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  return result;
}

/// A member of an object; null if there is none.
const json& member(const json& value, const char* key) {
  static const json nothing;
  if (!value.is_object())
    return nothing;
  auto i = value.find(key);
  return i == value.end() ? nothing : *i;
}

bool contains_any(std::string_view text,
                  std::initializer_list<std::string_view> words) {
  return std::ranges::any_of(words, [&](std::string_view word) {
    return text.find(word) != std::string_view::npos;
  });
}

// -- one call ------------------------------------------------------------------

/// Arguments as an object; nothing if they are something else.
std::optional<json> read_args(const json& value) {
  if (value.is_object())
    return value;
  if (value.is_null())
    return json::object();
  if (!value.is_string())
    return std::nullopt;
  auto text = trimmed(value.get_ref<const std::string&>());
  if (text.empty())
    return json::object();
  // Nesting is bounded there.
  auto x = json_scan{text}.at(0);
  if (!x || x->past != text.size())
    return std::nullopt;
  return std::move(x->value);
}

/// A call of these parts, unless one of them is ill-formed.
std::optional<tool_intent> make_call(const json& name, const json& args,
                                     const json& id) {
  if (!name.is_string() || name.get_ref<const std::string&>().empty())
    return std::nullopt;
  auto read = read_args(args);
  if (!read)
    return std::nullopt;
  tool_intent result{name.get<std::string>(), std::move(*read), {}};
  if (id.is_string() && !id.get_ref<const std::string&>().empty())
    result.call_id = id.get<std::string>();
  return result;
}

void add(calls& to, std::optional<tool_intent> call) {
  if (call)
    to.push_back(std::move(*call));
}

calls one_or_none(std::optional<tool_intent> call) {
  calls result;
  add(result, std::move(call));
  return result;
}

// -- native calls --------------------------------------------------------------

/// `[{"function": {"name", "arguments"}, "id"}]`
calls function_calls(const json& list) {
  calls result;
  if (list.is_array())
    for (auto& x : list) {
      auto& what = member(x, "function");
      add(result, make_call(member(what, "name"), member(what, "arguments"),
                            member(x, "id")));
    }
  return result;
}

/// `{"type": "tool_use", "name", "input", "id"}`
std::optional<tool_intent> tool_use(const json& block) {
  if (member(block, "type") != "tool_use")
    return std::nullopt;
  return make_call(member(block, "name"), member(block, "input"),
                   member(block, "id"));
}

// -- hermes --------------------------------------------------------------------

constexpr std::string_view opening = "<tool_call>";
constexpr std::string_view closing = "</tool_call>";

/// How many tags are looked at.
constexpr size_t tags_max = 256;

std::optional<tool_intent> hermes_call(const json& x) {
  return make_call(member(x, "name"), member(x, "arguments"), member(x, "id"));
}

calls hermes_calls(std::string_view text) {
  calls result;
  size_t tags = 0;
  for (auto open = text.find(opening);
       open != std::string_view::npos && tags < tags_max; ++tags) {
    auto first = open + opening.size();
    auto close = text.find(closing, first);
    if (close == std::string_view::npos)
      break;
    auto inner = trimmed(text.substr(first, close - first));
    if (inner.starts_with('{'))
      if (auto x = json_scan{inner}.at(0); x && x->past == inner.size())
        add(result, hermes_call(x->value));
    open = text.find(opening, close + closing.size());
  }
  if (!result.empty())
    return result;
  // Broken tags: whoever wrote one of them meant a call.
  auto open = text.find(opening);
  if (open == std::string_view::npos
      && text.find(closing) == std::string_view::npos)
    return result;
  json_scan scan{text};
  auto from = open == std::string_view::npos ? 0 : open + opening.size();
  while (auto x = scan.next(from)) {
    if (auto call = hermes_call(x->value))
      return one_or_none(std::move(call));
    from = x->past;
  }
  return result;
}

// -- claude --------------------------------------------------------------------

calls claude_calls(std::string_view text) {
  calls result;
  if (text.find("tool_use") != std::string_view::npos)
    for (auto& candidate : json_candidates(text))
      add(result, tool_use(candidate));
  return result;
}

// -- codex ---------------------------------------------------------------------

/// What may stand beside a call without changing its meaning.
constexpr std::array<std::string_view, 9> ignored{
  "thoughts", "thought", "reasoning", "reason", "observation",
  "id",       "call_id", "type",      "index"};

const json& id_of(const json& x) {
  auto& id = member(x, "id");
  return id.is_null() ? member(x, "call_id") : id;
}

/// Whether the object has these two members and nothing else that counts.
bool has_exactly(const json& x, std::string_view one, std::string_view other) {
  size_t found = 0;
  for (auto& [key, value] : x.items()) {
    if (key == one || key == other)
      ++found;
    else if (std::ranges::find(ignored, key) == ignored.end())
      return false;
  }
  return found == 2;
}

/// A model that repeats what it was told about a tool calls nothing.
bool is_schema(const json& parameters) {
  return member(parameters, "type") == "object"
         && member(parameters, "properties").is_object();
}

/// `{"name", "arguments" | "parameters"}`
std::optional<tool_intent> plain_call(const json& x) {
  if (x.contains("arguments"))
    return make_call(member(x, "name"), member(x, "arguments"), id_of(x));
  if (!x.contains("parameters") || is_schema(member(x, "parameters")))
    return std::nullopt;
  return make_call(member(x, "name"), member(x, "parameters"), id_of(x));
}

/// `{"type": "function", "function": {"name"}}` with true arguments somewhere:
/// parameters in there are the schema.
std::optional<tool_intent> nested_call(const json& x) {
  auto& what = member(x, "function");
  for (auto level : {&what, &x})
    if (auto& args = member(*level, "arguments"); !args.is_null())
      return make_call(member(what, "name"), args, id_of(x));
  return std::nullopt;
}

calls codex_calls_of(const json& x) {
  if (auto& list = member(x, "tool_calls"); list.is_array())
    return function_calls(list);
  if (auto& what = member(x, "function_call"); what.is_object())
    return one_or_none(
      make_call(member(what, "name"), member(what, "arguments"), id_of(x)));
  if (has_exactly(x, "name", "arguments")
      || has_exactly(x, "name", "parameters"))
    return one_or_none(plain_call(x));
  auto& type = member(x, "type");
  if (type != "function" && type != "function_call")
    return {};
  if (x.contains("name"))
    return one_or_none(plain_call(x));
  return one_or_none(nested_call(x));
}

calls codex_calls(std::string_view text) {
  for (auto& candidate : json_candidates(text))
    if (auto found = codex_calls_of(candidate); !found.empty())
      return found;
  return {};
}

} // namespace

// -- standards -----------------------------------------------------------------

std::string_view to_string(tool_standard value) noexcept {
  switch (value) {
    case tool_standard::hermes:
      return "hermes";
    case tool_standard::claude:
      return "claude";
    case tool_standard::codex:
      return "codex";
    default:
      return "auto";
  }
}

caf::expected<tool_standard> parse_tool_standard(std::string_view text) {
  using enum tool_standard;
  auto name = lower(text);
  for (auto value : {hermes, claude, codex, automatic})
    if (name == to_string(value))
      return value;
  return make_error(ec::bad_config, "unknown tool_standard '"
                                      + std::string{text}
                                      + "'; supported: hermes, claude, codex, "
                                        "auto");
}

std::string_view model_info::dialect() const noexcept {
  if (source == "anthropic" || source == "ollama")
    return source;
  return "openai";
}

std::optional<tool_standard> model_info::standard() const {
  if (!is_llm)
    return std::nullopt;
  if (source == "anthropic")
    return tool_standard::claude;
  auto name = lower(model);
  if (contains_any(name, {"qwen", "hermes", "nous", "functionary",
                          "firefunction", "smollm"}))
    return tool_standard::hermes;
  if (contains_any(name,
                   {"gpt", "o1-", "o3", "o4", "llama", "mistral", "mixtral",
                    "deepseek", "gemma", "phi-", "command-r", "granite"}))
    return tool_standard::codex;
  return tool_standard::automatic;
}

// -- finding calls -------------------------------------------------------------

calls native_tool_calls(const json& raw) {
  auto& meta = member(raw, "meta");
  auto& from = meta.is_object() ? meta : raw;
  auto& choices = member(from, "choices");
  if (choices.is_array() && !choices.empty())
    if (auto found
        = function_calls(member(member(choices[0], "message"), "tool_calls"));
        !found.empty())
      return found;
  calls result;
  if (auto& content = member(from, "content"); content.is_array())
    for (auto& block : content)
      add(result, tool_use(block));
  if (!result.empty())
    return result;
  return function_calls(member(member(from, "message"), "tool_calls"));
}

calls written_tool_calls(tool_standard how, std::string_view text) {
  switch (how) {
    case tool_standard::hermes:
      return hermes_calls(text);
    case tool_standard::claude:
      return claude_calls(text);
    case tool_standard::codex:
      return codex_calls(text);
    default:
      for (auto read : {hermes_calls, claude_calls, codex_calls})
        if (auto found = read(text); !found.empty())
          return found;
      return {};
  }
}

calls find_tool_calls(tool_standard how, const json& raw) {
  if (auto found = native_tool_calls(raw); !found.empty())
    return found;
  auto& text = raw.is_string() ? raw : member(raw, "response");
  if (!text.is_string())
    return {};
  return written_tool_calls(how, text.get_ref<const std::string&>());
}

} // namespace cosmo

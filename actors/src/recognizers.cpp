// SPDX-License-Identifier: Apache-2.0
#include <cosmo/codec.hpp>
#include <cosmo/recognizers.hpp>

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>

namespace cosmo {

namespace {

constexpr std::string_view fence = "```";

constexpr std::string_view white_space = " \t\n\r\f\v";

// -- finding the object ---------------------------------------------------------

std::string_view trimmed(std::string_view text) {
  auto first = text.find_first_not_of(white_space);
  if (first == text.npos)
    return {};
  return text.substr(first, text.find_last_not_of(white_space) - first + 1);
}

/// The first position from `pos` on that holds no white space.
size_t skip_white_space(std::string_view text, size_t pos) {
  return std::min(text.find_first_not_of(white_space, pos), text.size());
}

/// Where the object of a fenced block begins, if a block opens at `pos`.
std::optional<size_t> object_behind(std::string_view text, size_t pos) {
  constexpr std::string_view language = "json";
  pos += fence.size();
  if (text.substr(pos).starts_with(language))
    pos += language.size();
  pos = skip_white_space(text, pos);
  if (pos < text.size() && text[pos] == '{')
    return pos;
  return std::nullopt;
}

/// The end of a fenced object: behind its brace, and behind the fence.
struct block_end {
  size_t object;
  size_t fence;
};

std::optional<block_end> find_block_end(std::string_view text, size_t pos) {
  for (auto brace = text.find('}', pos); brace != text.npos;
       brace = text.find('}', brace + 1)) {
    auto next = skip_white_space(text, brace + 1);
    if (text.substr(next).starts_with(fence))
      return block_end{brace + 1, next + fence.size()};
  }
  return std::nullopt;
}

/// The value if `candidate` is JSON with a kind of intent, known or not.
std::optional<json> read_intent(std::string_view candidate) {
  auto value = parse_json(candidate);
  if (!value || !value->is_object())
    return std::nullopt;
  auto kind = value->find("cosmo");
  if (kind == value->end() || !kind->is_string())
    return std::nullopt;
  return std::move(*value);
}

/// The whole text, or the first fenced block that is one.
std::optional<json> find_intent(std::string_view text) {
  if (auto whole = read_intent(trimmed(text)))
    return whole;
  size_t pos = 0;
  while ((pos = text.find(fence, pos)) != text.npos) {
    auto begin = object_behind(text, pos);
    if (!begin) {
      ++pos;
      continue;
    }
    auto end = find_block_end(text, *begin);
    // What ends nowhere from here ends nowhere from further on.
    if (!end)
      return std::nullopt;
    if (auto block = read_intent(text.substr(*begin, end->object - *begin)))
      return block;
    pos = end->fence;
  }
  return std::nullopt;
}

// -- what it means --------------------------------------------------------------

/// A member of an intent with what stands for it if there is none.
using member_default = std::pair<const char*, json>;

json marker(const char* name, const json& intent,
            std::initializer_list<member_default> members) {
  json result;
  result[name] = true;
  for (auto& [key, fallback] : members)
    result[key] = intent.value(key, fallback);
  return result;
}

/// Nothing for a kind that nobody knows.
std::optional<json> meaning_of(const json& intent) {
  const auto& kind = intent["cosmo"].get_ref<const std::string&>();
  if (kind == "clarification")
    return marker("__clarification__", intent,
                  {{"question", ""}, {"context", nullptr}});
  if (kind == "permission")
    return marker("__permission__", intent,
                  {{"action", ""},
                   {"scope", nullptr},
                   {"reason", nullptr},
                   {"context", nullptr}});
  if (kind == "error")
    return marker(
      "__error__", intent,
      {{"code", "NEURON_ERROR"}, {"message", ""}, {"recoverable", false}});
  if (kind != "output")
    return std::nullopt;
  auto output = intent.value("output", json{});
  if (output.is_object())
    return output;
  json wrapped;
  wrapped["value"] = std::move(output);
  return wrapped;
}

} // namespace

json recognize_llm(json raw) {
  if (!raw.is_object()) {
    json wrapped;
    wrapped["value"] = std::move(raw);
    return wrapped;
  }
  auto response = raw.find("response");
  if (response == raw.end() || !response->is_string())
    return raw;
  auto intent = find_intent(response->get_ref<const std::string&>());
  auto meaning = intent ? meaning_of(*intent) : std::nullopt;
  return meaning ? std::move(*meaning) : std::move(raw);
}

namespace {

std::string tool_error_text(const json& raw) {
  auto response = raw.find("response");
  if (response != raw.end() && response->is_string() && truthy(*response))
    return response->get<std::string>();
  auto content = raw.find("content");
  if (content != raw.end() && truthy(*content))
    return json_to_wire(*content);
  return "the MCP tool failed and did not say why";
}

} // namespace

json recognize_mcp(json raw) {
  if (raw.is_object())
    if (auto flag = raw.find("is_error"); flag != raw.end() && truthy(*flag)) {
      json result;
      result["__error__"] = true;
      result["code"] = "MCP_TOOL_ERROR";
      result["message"] = tool_error_text(raw);
      result["recoverable"] = false;
      return result;
    }
  return recognize_llm(std::move(raw));
}

const std::string_view cosmo_intent_system_prompt
  = "Besides answering, you can steer the protocol around you. To do so, reply "
    "with one JSON object that has a \"cosmo\" key, either as your entire "
    "reply "
    "or inside a ```json block. The shapes are:\n"
    R"({"cosmo": "clarification", "question": "..."} - use when the task is ambiguous)"
    "\n"
    R"({"cosmo": "permission", "action": "...", "scope": {}, "reason": "..."} - use before a sensitive action)"
    "\n"
    R"({"cosmo": "error", "code": "...", "message": "..."} - use when you cannot do the task)"
    "\n"
    R"({"cosmo": "output", "output": {}} - use for a structured result)"
    "\n"
    "Write normal answers as plain text and do not wrap them.";

} // namespace cosmo

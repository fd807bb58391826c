// SPDX-License-Identifier: Apache-2.0
#include "stream_calls.hpp"

#include "json_members.hpp"
#include "llm_reply.hpp"
#include <cosmo/codec.hpp>

#include <string>
#include <utility>

namespace cosmo::net {

namespace {

/// The place an entry says it has, or else the one where it stands.
int64_t index_of(const json& entry, int64_t otherwise) {
  auto index = present_member(entry, "index");
  return index && index->is_number_integer() ? index->get<int64_t>()
                                             : otherwise;
}

json in_order(call_pieces calls) {
  auto result = json::array();
  for (auto& [index, call] : calls)
    result.push_back(std::move(call));
  return result;
}

const std::string* text_member(const json& object, std::string_view key) {
  auto found = present_member(object, key);
  return found && found->is_string() ? &found->get_ref<const std::string&>()
                                     : nullptr;
}

/// Names come whole, and from some servers with each piece.
void set_text(json& target, const json& piece, std::string_view key) {
  if (auto text = text_member(piece, key); text && !text->empty())
    target[key] = *text;
}

void append_text(json& target, const std::string& text) {
  target = target.get<std::string>() + text;
}

// -- choices[0].delta.tool_calls --------------------------------------------

void add_chat_call(const json& piece, json& call) {
  if (call.is_null())
    call = {{"id", nullptr},
            {"type", "function"},
            {"function", {{"name", ""}, {"arguments", ""}}}};
  set_text(call, piece, "id");
  auto said = present_member(piece, "function");
  if (!said)
    return;
  auto& function = call["function"];
  set_text(function, *said, "name");
  auto arguments = present_member(*said, "arguments");
  if (arguments && arguments->is_string())
    append_text(function["arguments"], arguments->get<std::string>());
  else if (arguments)
    function["arguments"] = arguments->dump();
}

void add_chat_calls(const json& event, call_pieces& calls) {
  auto choice = first_choice(event);
  auto delta = choice ? present_member(*choice, "delta") : nullptr;
  auto pieces = delta ? present_member(*delta, "tool_calls") : nullptr;
  if (!pieces || !pieces->is_array())
    return;
  int64_t place = 0;
  for (const auto& piece : *pieces) {
    if (piece.is_object())
      add_chat_call(piece, calls[index_of(piece, place)]);
    ++place;
  }
}

void show_chat_calls(call_pieces calls, json& meta) {
  auto last = first_choice(meta);
  auto choice = last && last->is_object() ? *last : json::object();
  choice["message"] = {{"role", "assistant"}, {"content", nullptr}};
  choice["message"]["tool_calls"] = in_order(std::move(calls));
  meta["choices"] = json::array({std::move(choice)});
}

// -- blocks -----------------------------------------------------------------

void add_blocks(const json& event, call_pieces& calls) {
  auto index = index_of(event, 0);
  if (auto block = present_member(event, "content_block")) {
    if (auto type = text_member(*block, "type"); type && *type == "tool_use")
      calls[index] = *block;
    return;
  }
  auto delta = present_member(event, "delta");
  auto text = delta ? text_member(*delta, "partial_json") : nullptr;
  auto call = calls.find(index);
  if (!text || call == calls.end())
    return;
  auto& input = call->second["input"];
  if (!input.is_string())
    input = "";
  append_text(input, *text);
}

void show_blocks(call_pieces calls, json& meta) {
  for (auto& [index, call] : calls)
    if (auto text = text_member(call, "input"))
      if (auto input = parse_json(text->empty() ? "{}" : *text))
        call["input"] = std::move(*input);
  meta["content"] = in_order(std::move(calls));
}

// -- message.tool_calls -----------------------------------------------------

void add_whole_calls(const json& event, call_pieces& calls) {
  auto message = present_member(event, "message");
  auto whole = message ? present_member(*message, "tool_calls") : nullptr;
  if (!whole || !whole->is_array())
    return;
  for (const auto& call : *whole)
    calls.emplace(static_cast<int64_t>(calls.size()), call);
}

void show_whole_calls(call_pieces calls, json& meta) {
  auto& message = meta["message"];
  if (!message.is_object())
    message = json::object();
  message["tool_calls"] = in_order(std::move(calls));
}

} // namespace

const call_form chat_calls{add_chat_calls, show_chat_calls};

const call_form anthropic_calls{add_blocks, show_blocks};

const call_form ollama_calls{add_whole_calls, show_whole_calls};

} // namespace cosmo::net

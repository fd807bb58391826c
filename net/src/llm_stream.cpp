// SPDX-License-Identifier: Apache-2.0
#include "llm_stream.hpp"

#include "json_members.hpp"
#include "llm_reply.hpp"
#include <cosmo/codec.hpp>

#include <utility>

namespace cosmo::net {

namespace {

bool has_type(const json& value, std::string_view type) {
  auto found = present_member(value, "type");
  return found && *found == type;
}

bool is_set(const json& value, std::string_view key) {
  auto found = present_member(value, key);
  return found && truthy(*found);
}

std::string choice_text(const json& event, std::string_view part,
                        std::string_view key) {
  auto choice = first_choice(event);
  if (choice && !part.empty())
    choice = present_member(*choice, part);
  return member_text(choice, key);
}

std::string chat_text(const json& event) {
  return choice_text(event, "delta", "content");
}

std::string completion_text(const json& event) {
  return choice_text(event, {}, "text");
}

std::string token_text(const json& event) {
  auto token = present_member(event, "token");
  return token && !is_set(*token, "special") ? member_text(token, "text") : "";
}

std::string ollama_text(const json& event) {
  auto message = present_member(event, "message");
  return message ? member_text(message, "content")
                 : member_text(&event, "response");
}

std::string anthropic_text(const json& event) {
  auto delta = present_member(event, "delta");
  if (!delta || !has_type(event, "content_block_delta")
      || !has_type(*delta, "text_delta"))
    return {};
  return member_text(delta, "text");
}

/// Anthropic's first event has its usage inside of the message it begins.
const json* usage_of(const json& event) {
  if (auto usage = present_member(event, "usage"))
    return usage;
  auto message = present_member(event, "message");
  return message ? present_member(*message, "usage") : nullptr;
}

} // namespace

const stream_form chat_stream{false, chat_text,
                              [](const json&) { return false; }, &chat_calls};

const stream_form completion_stream{false, completion_text,
                                    [](const json&) { return false; }};

const stream_form generation_stream{
  false, token_text, [](const json& event) {
    return present_member(event, "generated_text") != nullptr;
  }};

const stream_form ollama_stream{
  true, ollama_text, [](const json& event) { return is_set(event, "done"); },
  &ollama_calls};

const stream_form anthropic_stream{
  false, anthropic_text,
  [](const json& event) { return has_type(event, "message_stop"); },
  &anthropic_calls};

llm_stream::llm_stream(const stream_form& form, std::string url,
                       size_t event_bytes_max)
  : form_(form), url_(std::move(url)), parser_(sse_parser{event_bytes_max}) {
  if (form.is_line_per_event)
    parser_ = line_splitter{event_bytes_max};
}

llm_stream::step llm_stream::feed(std::string_view bytes) {
  step result;
  bool fits = true;
  if (auto lines = std::get_if<line_splitter>(&parser_))
    fits = lines->feed(bytes,
                       [&](std::string_view line) { take({}, line, result); });
  else
    fits = std::get<sse_parser>(parser_).feed(
      bytes, [&](const sse_event& x) { take(x.type, x.data, result); });
  if (!fits && !has_ended_ && !has_failed_) {
    has_failed_ = true;
    result.fault = invalid_event(ec::too_large, "too large");
  }
  return result;
}

llm_stream::step llm_stream::close() {
  step result;
  if (auto lines = std::get_if<line_splitter>(&parser_))
    take({}, lines->rest(), result);
  return result;
}

caf::expected<json> llm_stream::result() && {
  if (!has_ended_)
    return make_error(ec::bad_response, "stream from " + url_ + " ended early");
  last_["streamed"] = true;
  if (!usage_.empty())
    last_["usage"] = std::move(usage_);
  if (!calls_.empty())
    form_.calls->show(std::move(calls_), last_);
  auto result = json::object();
  result["response"] = std::move(text_);
  result["meta"] = std::move(last_);
  return result;
}

void llm_stream::take(std::string_view type, std::string_view data, step& out) {
  // Data of blanks alone keeps a connection alive.
  if (has_ended_ || has_failed_ || data.find_first_not_of(" \t") == data.npos)
    return;
  if (data == "[DONE]") {
    out.has_content = has_ended_ = true;
    return;
  }
  auto event = parse_json(data);
  if (!event)
    out.fault = invalid_event(ec::malformed_json, message_of(event.error()));
  else if (!event->is_object())
    out.fault = invalid_event(ec::bad_response, "no object");
  else if (is_set(*event, "error"))
    out.fault = make_error(ec::bad_response, error_text((*event)["error"]));
  else if (type == "error")
    out.fault = make_error(ec::bad_response, error_text(*event));
  else
    take_object(std::move(*event), out);
  has_failed_ = static_cast<bool>(out.fault);
}

void llm_stream::take_object(json event, step& out) {
  if (has_type(event, "ping"))
    return;
  out.has_content = true;
  if (auto text = form_.text(event); !text.empty()) {
    text_ += text;
    out.deltas.push_back(std::move(text));
  }
  if (auto usage = usage_of(event); usage && usage->is_object())
    usage_.update(*usage);
  if (form_.calls)
    form_.calls->add(event, calls_);
  has_ended_ = form_.ends(event);
  last_ = std::move(event);
}

caf::error llm_stream::invalid_event(ec code, std::string_view reason) const {
  return make_error(code,
                    "invalid event from " + url_ + ": " + std::string{reason});
}

} // namespace cosmo::net

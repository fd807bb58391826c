// SPDX-License-Identifier: Apache-2.0
#include "llm_reply.hpp"

#include "json_members.hpp"
#include <cosmo/codec.hpp>

namespace cosmo::net {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

std::string chat_text(const json& reply) {
  auto choice = first_choice(reply);
  auto message = choice ? present_member(*choice, "message") : nullptr;
  return member_text(message, "content");
}

std::string completion_text(const json& reply) {
  return member_text(first_choice(reply), "text");
}

std::string generated_text(const json& reply) {
  return member_text(&reply, "generated_text");
}

std::string response_text(const json& reply) {
  return member_text(&reply, "response");
}

std::string message_text(const json& reply) {
  return member_text(present_member(reply, "message"), "content");
}

std::string content_text(const json& reply) {
  return member_text(&reply, "content");
}

} // namespace

const reply_form chat_reply{"choices", false, chat_text};

const reply_form completion_reply{"choices", false, completion_text};

const reply_form generation_reply{"generated_text", true, generated_text};

const reply_form ollama_generate_reply{"response", false, response_text};

const reply_form ollama_chat_reply{"message", false, message_text};

const reply_form anthropic_reply{"content", false, content_text};

caf::expected<json> parse_reply(std::string_view body, std::string_view url) {
  if (body.starts_with(byte_order_mark))
    body.remove_prefix(byte_order_mark.size());
  auto reply = parse_json(body);
  if (!reply)
    return make_error(ec::malformed_json, "invalid JSON from "
                                            + std::string{url} + ": "
                                            + message_of(reply.error()));
  return reply;
}

caf::expected<std::string>
text_of_reply(const json& reply, const reply_form& form, std::string_view url) {
  auto object = &reply;
  if (form.is_array_allowed && reply.is_array()) {
    object = first_element(reply);
    if (!object || !object->is_object())
      return std::string{};
  }
  if (!object->is_object())
    return make_error(ec::bad_response,
                      "unexpected JSON from " + std::string{url});
  auto error = present_member(*object, "error");
  if (error && truthy(*error) && !present_member(*object, form.member))
    return make_error(ec::bad_response, error_text(*error));
  return form.text(*object);
}

std::string text_of_content(const json& content) {
  if (content.is_string())
    return content.get<std::string>();
  std::string result;
  if (content.is_array())
    for (const auto& part : content) {
      auto type = present_member(part, "type");
      auto text = present_member(part, "text");
      if (type && *type == "text" && text && text->is_string())
        result += text->get_ref<const std::string&>();
    }
  return result;
}

const json* first_choice(const json& reply) {
  auto choices = present_member(reply, "choices");
  return choices ? first_element(*choices) : nullptr;
}

std::string member_text(const json* parent, std::string_view key) {
  auto content = parent ? present_member(*parent, key) : nullptr;
  return content ? text_of_content(*content) : "";
}

std::string error_text(const json& error) {
  if (error.is_string())
    return error.get<std::string>();
  auto message = present_member(error, "message");
  if (message && message->is_string())
    return message->get<std::string>();
  return error.dump();
}

} // namespace cosmo::net

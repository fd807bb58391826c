// SPDX-License-Identifier: Apache-2.0
#include "openai_wire.hpp"

#include "json_members.hpp"
#include "llm_reply.hpp"
#include <cosmo/codec.hpp>

#include <utility>

namespace cosmo::net::openai {

namespace {

/// Errors of the request are the client's to mend, the others are not.
std::string_view type_of(unsigned status) {
  return status < 500 ? "invalid_request_error" : "api_error";
}

json text_or_null(const std::string& text) {
  return text.empty() ? json(nullptr) : json(text);
}

std::string dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

fault bad_request(std::string message, std::string param = {}) {
  return {400, std::move(message), std::move(param)};
}

bool is_message(const json& value) {
  auto role = present_member(value, "role");
  return role && role->is_string();
}

bool is_true(const json& value, std::string_view key) {
  auto member = present_member(value, key);
  return member && *member == true;
}

json usage_of(const json& meta) {
  auto counted
    = [](const json* from, std::string_view in, std::string_view out) -> json {
    auto prompt = from ? present_member(*from, in) : nullptr;
    auto reply = from ? present_member(*from, out) : nullptr;
    if (!prompt || !reply || !prompt->is_number_integer()
        || !reply->is_number_integer())
      return nullptr;
    auto in_count = prompt->get<int64_t>();
    auto out_count = reply->get<int64_t>();
    return {{"prompt_tokens", in_count},
            {"completion_tokens", out_count},
            {"total_tokens", in_count + out_count}};
  };
  auto usage = present_member(meta, "usage");
  if (usage && present_member(*usage, "prompt_tokens"))
    return *usage;
  // As Anthropic and Ollama count.
  if (auto result = counted(usage, "input_tokens", "output_tokens");
      !result.is_null())
    return result;
  return counted(&meta, "prompt_eval_count", "eval_count");
}

chat_answer answer_of(const json& output) {
  chat_answer result;
  auto response = present_member(output, "response");
  if (response && response->is_string())
    result.text = response->get<std::string>();
  else
    result.text = dump(output);
  auto meta = present_member(output, "meta");
  if (!meta)
    return result;
  result.usage = usage_of(*meta);
  auto choice = first_choice(*meta);
  if (!choice)
    return result;
  if (auto reason = present_member(*choice, "finish_reason");
      reason && reason->is_string())
    result.finish_reason = reason->get<std::string>();
  if (auto message = present_member(*choice, "message"))
    if (auto calls = present_member(*message, "tool_calls");
        calls && first_element(*calls))
      result.tool_calls = *calls;
  return result;
}

std::string text_of(const json& value) {
  return value.is_string() ? value.get<std::string>() : dump(value);
}

fault permission_needed(const payload::permission& asked) {
  auto message = "permission needed: " + text_of(asked.action);
  if (asked.reason && !asked.reason->is_null())
    message += " (" + text_of(*asked.reason) + ")";
  return {403, std::move(message), {}, "permission_required"};
}

} // namespace

json to_json(const fault& what) {
  return {{"error",
           {{"message", what.message},
            {"type", type_of(what.status)},
            {"param", text_or_null(what.param)},
            {"code", text_or_null(what.code)}}}};
}

http_response to_response(const fault& what) {
  auto result = to_response(to_json(what));
  result.status = what.status;
  return result;
}

http_response to_response(const json& body) {
  return {.status = 200,
          .fields = {{"Content-Type", "application/json"}},
          .body = dump(body)};
}

fault fault_of(const caf::error& error) {
  auto status = 500U;
  if (error == ec::timeout)
    status = 504;
  else if (error == ec::not_connected || error == ec::pathway_closed)
    status = 503;
  std::string code;
  if (error.category() == caf::type_id_v<ec>)
    code = to_string(static_cast<ec>(error.code()));
  return {status, message_of(error), {}, std::move(code)};
}

fault unknown_model(std::string_view id) {
  return {404, "The model '" + std::string{id} + "' does not exist", "model",
          "model_not_found"};
}

std::variant<chat_request, fault> read_chat_request(std::string_view body) {
  auto parsed = parse_json(body);
  if (!parsed)
    return bad_request("the body is no JSON: " + message_of(parsed.error()));
  if (!parsed->is_object())
    return bad_request("the body is no JSON object");
  chat_request result;
  auto model = present_member(*parsed, "model");
  if (!model || !model->is_string()
      || model->get_ref<const std::string&>().empty())
    return bad_request("model must be a text", "model");
  result.model = model->get<std::string>();
  auto messages = present_member(*parsed, "messages");
  if (!messages || !first_element(*messages))
    return bad_request("messages must be a list that is not empty", "messages");
  for (size_t i = 0; i < messages->size(); ++i)
    if (!is_message((*messages)[i]))
      return bad_request("a message must be an object with a role",
                         "messages[" + std::to_string(i) + "]");
  result.input = {{"messages", *messages}};
  if (auto tools = present_member(*parsed, "tools")) {
    if (!tools->is_array())
      return bad_request("tools must be a list", "tools");
    if (!tools->empty())
      result.input["tools"] = *tools;
  }
  if (auto count = present_member(*parsed, "n"); count && *count != 1)
    return bad_request("there is one choice only", "n");
  if (auto stream = present_member(*parsed, "stream");
      stream && !stream->is_boolean())
    return bad_request("stream must be true or false", "stream");
  result.is_streaming = is_true(*parsed, "stream");
  if (auto options = present_member(*parsed, "stream_options"))
    result.wants_usage = is_true(*options, "include_usage");
  return result;
}

std::variant<chat_answer, fault> read_outcome(const signal& outcome) {
  if (auto failed = outcome.get_if<payload::error>())
    return fault{502, failed->message, {}, failed->code};
  if (auto asked = outcome.get_if<payload::clarification>())
    return chat_answer{.text = text_of(asked->question)};
  if (auto asked = outcome.get_if<payload::permission>())
    return permission_needed(*asked);
  return answer_of(outcome.output());
}

int64_t seconds_of(timestamp when) {
  return std::chrono::floor<std::chrono::seconds>(when)
    .time_since_epoch()
    .count();
}

json completion(const completion_head& head, const chat_answer& answer) {
  json message{{"role", "assistant"}, {"content", answer.text}};
  if (!answer.tool_calls.is_null())
    message["tool_calls"] = answer.tool_calls;
  json result{
    {"id", head.id},
    {"object", "chat.completion"},
    {"created", head.created},
    {"model", head.model},
    {"choices", json::array({json{{"index", 0},
                                  {"message", std::move(message)},
                                  {"logprobs", nullptr},
                                  {"finish_reason", answer.finish_reason}}})}};
  if (!answer.usage.is_null())
    result["usage"] = answer.usage;
  return result;
}

namespace {

json bare_chunk(const completion_head& head, json choices) {
  json result{{"id", head.id},
              {"object", "chat.completion.chunk"},
              {"created", head.created},
              {"model", head.model},
              {"choices", std::move(choices)}};
  if (head.wants_usage)
    result["usage"] = nullptr;
  return result;
}

} // namespace

json chunk(const completion_head& head, json delta, json finish_reason) {
  return bare_chunk(
    head, json::array({json{{"index", 0},
                            {"delta", std::move(delta)},
                            {"logprobs", nullptr},
                            {"finish_reason", std::move(finish_reason)}}}));
}

json usage_chunk(const completion_head& head, const json& usage) {
  auto result = bare_chunk(head, json::array());
  result["usage"] = usage;
  return result;
}

json model_entry(const neuron_record& record, std::string_view owner) {
  return {{"id", record.neuron_id},
          {"object", "model"},
          {"created", seconds_of(record.registered_at)},
          {"owned_by", owner}};
}

json model_list(const std::vector<neuron_record>& records,
                std::string_view owner) {
  auto data = json::array();
  for (const auto& record : records)
    data.push_back(model_entry(record, owner));
  return {{"object", "list"}, {"data", std::move(data)}};
}

std::string event(const json& data) {
  return "data: " + dump(data) + "\n\n";
}

} // namespace cosmo::net::openai

// SPDX-License-Identifier: Apache-2.0
#include "llm_input.hpp"

#include "json_members.hpp"

namespace cosmo::net {

namespace {

/// A string as it is, anything else as JSON. Input may come from code that
/// does not care for UTF-8; a prompt is no place to fail over it.
std::string shown(const json& value) {
  if (value.is_string())
    return value.get<std::string>();
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string line(std::string_view what, const json& value) {
  return std::string{what} + ": " + shown(value) + "\n";
}

std::string clarification_prompt(const json& exchange) {
  std::string result = "You asked a question earlier, and it was answered.\n";
  if (auto question = present_member(exchange, "question"))
    result += line("Your question", *question);
  if (auto answer = exchange.find("answer"); answer != exchange.end())
    result += line("The answer", *answer);
  for (const auto& [key, value] : exchange.items())
    if (key != "question" && key != "answer")
      result += line("Further context, " + key, value);
  return result + "Continue the original task with this answer.";
}

std::string permission_prompt(const json& exchange) {
  std::string result = "You asked for permission earlier, and it was "
                       "decided.\n";
  if (auto action = present_member(exchange, "action"))
    result += line("The action", *action);
  auto granted = present_member(exchange, "granted");
  auto is_granted = granted != nullptr && truthy(*granted);
  result += is_granted ? "The decision: GRANTED\n" : "The decision: DENIED\n";
  if (auto reason = present_member(exchange, "reason"))
    result += line("The reason", *reason);
  if (auto ttl = present_member(exchange, "ttl_ms"))
    result += "Valid for: " + shown(*ttl) + " ms\n";
  if (is_granted)
    return result + "Proceed with the action and continue the original task.";
  return result
         + "Do not perform the action. Find another way, or explain why there "
           "is none.";
}

std::string prompt_of(const json& input) {
  for (auto key : {"prompt", "text", "query", "content"}) {
    auto value = present_member(input, key);
    if (value && value->is_string() && truthy(*value))
      return value->get<std::string>();
  }
  return follow_up_prompt(input);
}

} // namespace

json llm_input::as_messages() const {
  if (!messages.empty())
    return messages;
  return json::array({json{{"role", "user"}, {"content", prompt}}});
}

caf::expected<llm_input> read_llm_input(std::string_view label,
                                        const json& input) {
  llm_input result;
  if (auto messages = present_member(input, "messages")) {
    if (!messages->is_array())
      return make_error(ec::bad_input,
                        std::string{label}
                          + " Neuron expects 'messages' to be an array, not "
                          + messages->type_name());
    result.messages = *messages;
  }
  if (auto tools = present_member(input, "tools"); tools && tools->is_array())
    result.tools = *tools;
  if (result.messages.empty()) {
    result.prompt = prompt_of(input);
    if (result.prompt.empty())
      return nothing_to_send(label, input);
  }
  return result;
}

/// The keys are not cut: a piece of a secret among them could not be masked.
caf::error nothing_to_send(std::string_view label, const json& input) {
  std::string keys;
  if (input.is_object())
    for (const auto& [key, value] : input.items())
      keys += (keys.empty() ? "'" : ", '") + key + "'";
  return make_error(ec::bad_input,
                    std::string{label}
                      + " Neuron expects 'prompt' or 'messages' in the input; "
                        "got keys: ["
                      + keys + "]");
}

json with_system(const std::string& system, json messages) {
  if (!system.empty())
    messages.insert(messages.begin(),
                    json{{"role", "system"}, {"content", system}});
  return messages;
}

std::string follow_up_prompt(const json& input) {
  auto object = [&input](const char* key) -> const json* {
    auto value = present_member(input, key);
    return value && value->is_object() ? value : nullptr;
  };
  if (auto clarification = object("clarification"))
    return clarification_prompt(*clarification);
  if (auto permission = object("permission"))
    return permission_prompt(*permission);
  return {};
}

} // namespace cosmo::net

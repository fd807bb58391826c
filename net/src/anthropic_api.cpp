// SPDX-License-Identifier: Apache-2.0
#include "anthropic_api.hpp"

#include "json_members.hpp"
#include "llm_input.hpp"
#include "llm_reply.hpp"
#include <cosmo/log.hpp>

namespace cosmo::net {

namespace {

using neuron::anthropic_options;

constexpr auto options_known = with_model_options<anthropic_options>({
  {"model", &anthropic_options::model, option_rule::given},
  {"api_key", &anthropic_options::api_key, option_rule::no_control_chars},
  {"endpoint", &anthropic_options::endpoint, option_rule::given},
  {"system", &anthropic_options::system},
  {"temperature", &anthropic_options::temperature, option_rule::finite},
  {"max_tokens", &anthropic_options::max_tokens},
  {"stream", &anthropic_options::stream},
});

/// A conversation as this API wants it: the system prompt stands beside it.
struct split_messages {
  json messages = json::array();
  std::string system;
};

/// The last system entry that says something counts.
split_messages split(json messages, const std::string& configured) {
  split_messages result{.system = configured};
  size_t system_count = 0;
  for (auto& message : messages) {
    auto role = present_member(message, "role");
    if (!role || *role != "system") {
      result.messages.push_back(std::move(message));
      continue;
    }
    ++system_count;
    auto content = present_member(message, "content");
    if (auto text = content ? text_of_content(*content) : ""; !text.empty())
      result.system = std::move(text);
  }
  if (system_count > 1)
    log::warning("neuron.anthropic", "several-system-messages",
                 "the last one of " + std::to_string(system_count) + " counts");
  return result;
}

} // namespace

option_table<anthropic_options> anthropic_option_table() {
  return options_known;
}

caf::expected<model_call> make_anthropic_call(const anthropic_options& options,
                                              const json& input) {
  constexpr std::string_view label = "Anthropic";
  auto read = read_llm_input(label, input);
  if (!read)
    return std::move(read.error());
  auto conversation = split(read->as_messages(), options.system);
  if (conversation.messages.empty())
    return nothing_to_send(label, input);
  json body;
  body["model"] = options.model;
  body["messages"] = std::move(conversation.messages);
  body["max_tokens"] = options.max_tokens;
  if (!conversation.system.empty())
    body["system"] = std::move(conversation.system);
  if (!read->tools.empty())
    body["tools"] = read->tools;
  if (options.temperature)
    body["temperature"] = *options.temperature;
  if (options.stream)
    body["stream"] = true;
  return model_call{"/messages", std::move(body), anthropic_reply,
                    options.stream ? &anthropic_stream : nullptr};
}

} // namespace cosmo::net

// SPDX-License-Identifier: Apache-2.0
#include "openai_api.hpp"

#include "llm_input.hpp"
#include "llm_reply.hpp"

namespace cosmo::net {

namespace {

using neuron::openai_options;

constexpr auto options_known = with_model_options<openai_options>({
  {"model", &openai_options::model, option_rule::given},
  {"api_key", &openai_options::api_key, option_rule::no_control_chars},
  {"endpoint", &openai_options::endpoint, option_rule::given},
  {"system", &openai_options::system},
  {"temperature", &openai_options::temperature, option_rule::finite},
  {"max_tokens", &openai_options::max_tokens},
  {"stream", &openai_options::stream},
});

} // namespace

option_table<openai_options> openai_option_table() {
  return options_known;
}

caf::expected<model_call> make_openai_call(const openai_options& options,
                                           const json& input) {
  auto read = read_llm_input("OpenAI", input);
  if (!read)
    return std::move(read.error());
  json body;
  body["model"] = options.model;
  body["messages"] = with_system(options.system, read->as_messages());
  if (!read->tools.empty())
    body["tools"] = read->tools;
  if (options.temperature)
    body["temperature"] = *options.temperature;
  if (options.max_tokens)
    body["max_tokens"] = *options.max_tokens;
  if (options.stream) {
    body["stream"] = true;
    body["stream_options"] = {{"include_usage", true}};
  }
  return model_call{"/chat/completions", std::move(body), chat_reply,
                    options.stream ? &chat_stream : nullptr};
}

} // namespace cosmo::net

// SPDX-License-Identifier: Apache-2.0
#include "ollama_api.hpp"

#include "llm_input.hpp"
#include "llm_reply.hpp"

namespace cosmo::net {

namespace {

using neuron::ollama_options;

constexpr auto options_known = with_model_options<ollama_options>({
  {"model", &ollama_options::model, option_rule::given},
  {"endpoint", &ollama_options::endpoint, option_rule::given},
  {"system", &ollama_options::system},
  {"temperature", &ollama_options::temperature, option_rule::finite},
  {"max_tokens", &ollama_options::max_tokens},
  {"stream", &ollama_options::stream},
});

/// Says the same to both paths.
void add_sampling(json& body, const ollama_options& options) {
  auto sampling = json::object();
  if (options.temperature)
    sampling["temperature"] = *options.temperature;
  if (options.max_tokens)
    sampling["num_predict"] = *options.max_tokens;
  if (!sampling.empty())
    body["options"] = std::move(sampling);
}

model_call generate_call(const ollama_options& options,
                         const llm_input& input) {
  json body;
  body["model"] = options.model;
  body["prompt"] = input.prompt;
  body["stream"] = options.stream;
  if (!options.system.empty())
    body["system"] = options.system;
  add_sampling(body, options);
  return {"/api/generate", std::move(body), ollama_generate_reply,
          options.stream ? &ollama_stream : nullptr};
}

model_call chat_call(const ollama_options& options, const llm_input& input) {
  json body;
  body["model"] = options.model;
  body["messages"] = with_system(options.system, input.as_messages());
  body["stream"] = options.stream;
  if (!input.tools.empty())
    body["tools"] = input.tools;
  add_sampling(body, options);
  return {"/api/chat", std::move(body), ollama_chat_reply,
          options.stream ? &ollama_stream : nullptr};
}

} // namespace

option_table<ollama_options> ollama_option_table() {
  return options_known;
}

caf::expected<model_call> make_ollama_call(const ollama_options& options,
                                           const json& input) {
  auto read = read_llm_input("Ollama", input);
  if (!read)
    return std::move(read.error());
  // The generate path has no place for tools.
  if (!read->messages.empty() || !read->tools.empty())
    return chat_call(options, *read);
  return generate_call(options, *read);
}

} // namespace cosmo::net

// SPDX-License-Identifier: Apache-2.0
#include "huggingface_api.hpp"

#include "api_key.hpp"
#include "llm_input.hpp"
#include "llm_reply.hpp"
#include "model_source.hpp"
#include "quoted_text.hpp"

namespace cosmo::net {

namespace {

using neuron::huggingface_options;

constexpr auto options_known = with_model_options<huggingface_options>({
  {"endpoint", &huggingface_options::endpoint, option_rule::given},
  {"model", &huggingface_options::model},
  {"api_key", &huggingface_options::api_key, option_rule::no_control_chars},
  {"use_chat_api", &huggingface_options::use_chat_api},
  {"use_completions_api", &huggingface_options::use_completions_api},
  {"temperature", &huggingface_options::temperature, option_rule::finite},
  {"max_new_tokens", &huggingface_options::max_new_tokens},
  {"stop", &huggingface_options::stop},
  {"stream", &huggingface_options::stream},
});

caf::error first_fault(std::string_view source,
                       const huggingface_options& options) {
  if (auto error
      = check_model_options(source, huggingface_option_table(), options))
    return error;
  if (options.use_chat_api.value_or(false) && options.use_completions_api)
    return make_error(ec::bad_config,
                      "options 'use_chat_api' and 'use_completions_api' of "
                        + std::string{source} + " are mutually exclusive");
  return {};
}

/// What the two OpenAI-like paths have in common. Options that are not set are
/// left out, never sent as null.
json openai_body(const huggingface_options& options, const char* input_name,
                 json input, const json& tools = nullptr) {
  json body;
  body[input_name] = std::move(input);
  body["max_tokens"] = options.max_new_tokens;
  if (!tools.empty())
    body["tools"] = tools;
  if (!options.model.empty())
    body["model"] = options.model;
  if (options.temperature)
    body["temperature"] = *options.temperature;
  if (!options.stop.empty())
    body["stop"] = options.stop;
  if (options.stream)
    body["stream"] = true;
  return body;
}

model_call chat_call(const huggingface_options& options,
                     const llm_input& input) {
  return {
    "/v1/chat/completions",
    openai_body(options, "messages", input.as_messages(), input.tools),
    chat_reply,
    options.stream ? &chat_stream : nullptr,
  };
}

model_call completion_call(const huggingface_options& options,
                           const llm_input& input) {
  return {"/v1/completions", openai_body(options, "prompt", input.prompt),
          completion_reply, options.stream ? &completion_stream : nullptr};
}

/// TGI's own path serves the one model the server was started with.
model_call generation_call(const huggingface_options& options,
                           const llm_input& input) {
  json parameters;
  parameters["max_new_tokens"] = options.max_new_tokens;
  if (options.temperature)
    parameters["temperature"] = *options.temperature;
  if (!options.stop.empty())
    parameters["stop"] = options.stop;
  json body;
  body["inputs"] = input.prompt;
  body["parameters"] = std::move(parameters);
  // Its other path does nothing but stream.
  return {options.stream ? "/generate_stream" : "/generate", std::move(body),
          generation_reply, options.stream ? &generation_stream : nullptr};
}

} // namespace

option_table<huggingface_options> huggingface_option_table() {
  return options_known;
}

caf::expected<huggingface_options>
complete(const huggingface_flavour& flavour, huggingface_options options,
         const neuron::variable_lookup& variables) {
  if (options.endpoint.empty())
    options.endpoint = flavour.endpoint;
  if (!options.use_chat_api)
    options.use_chat_api = flavour.use_chat_api;
  if (flavour.key_variable.empty())
    return options;
  auto key = find_api_key(flavour.source, options.api_key,
                          std::string{flavour.key_variable}, variables);
  if (!key)
    return std::move(key.error());
  options.api_key = std::move(*key);
  return options;
}

caf::error validate(std::string_view source,
                    const huggingface_options& options) {
  return mask(first_fault(source, options), {options.api_key.value_or("")});
}

caf::expected<model_call>
make_huggingface_call(const huggingface_options& options, const json& input) {
  auto read = read_llm_input("HuggingFace", input);
  if (!read)
    return std::move(read.error());
  auto has_messages = !read->messages.empty();
  if (options.use_completions_api) {
    if (has_messages)
      return make_error(ec::bad_input,
                        "HuggingFace Neuron with 'use_completions_api' takes "
                        "a prompt that the model's chat template has rendered "
                        "already, not 'messages'");
    return completion_call(options, *read);
  }
  if (has_messages || options.use_chat_api.value_or(false)
      || !read->tools.empty())
    return chat_call(options, *read);
  return generation_call(options, *read);
}

} // namespace cosmo::net

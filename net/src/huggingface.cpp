// SPDX-License-Identifier: Apache-2.0
#include "huggingface_api.hpp"
#include "model_source.hpp"
#include "quoted_text.hpp"
#include <cosmo/log.hpp>
#include <cosmo/neuron/chat_hosts.hpp>
#include <cosmo/neuron/huggingface.hpp>

#include <utility>

namespace cosmo::neuron {

namespace {

using net::huggingface_flavour;

constexpr huggingface_flavour plain{.source = "huggingface"};

constexpr huggingface_flavour groq_host{
  .source = "groq",
  .endpoint = "https://api.groq.com/openai",
  .key_variable = "GROQ_API_KEY",
  .use_chat_api = true,
};

constexpr huggingface_flavour openrouter_host{
  .source = "openrouter",
  .endpoint = "https://openrouter.ai/api",
  .key_variable = "OPENROUTER_API_KEY",
  .use_chat_api = true,
};

constexpr huggingface_flavour together_host{
  .source = "together",
  .endpoint = "https://api.together.xyz",
  .key_variable = "TOGETHER_API_KEY",
  .use_chat_api = true,
};

constexpr huggingface_flavour mistral_host{
  .source = "mistral",
  .endpoint = "https://api.mistral.ai",
  .key_variable = "MISTRAL_API_KEY",
  .use_chat_api = true,
};

void warn_of_double_version(std::string_view source,
                            const huggingface_options& options) {
  auto endpoint = net::without_trailing_slashes(options.endpoint);
  if (endpoint.ends_with("/v1"))
    log::warning("neuron." + std::string{source}, "endpoint-ends-with-v1",
                 net::mask("requests go to " + endpoint
                             + "/v1/...; the endpoint should not contain /v1",
                           {options.api_key.value_or("")}));
}

caf::expected<any_neuron> make(const huggingface_flavour& flavour,
                               huggingface_options given,
                               const variable_lookup& variables) {
  auto options = net::complete(flavour, std::move(given), variables);
  if (!options)
    return std::move(options.error());
  if (auto error = net::validate(flavour.source, *options))
    return error;
  warn_of_double_version(flavour.source, *options);
  auto key = options->api_key.value_or("");
  std::vector<net::http_field> fields;
  if (!key.empty())
    fields = {{"Authorization", "Bearer " + key}};
  return net::make_model_source(flavour.source, std::move(*options),
                                std::move(fields), std::move(key),
                                net::make_huggingface_call);
}

} // namespace

caf::expected<any_neuron> huggingface(huggingface_options options) {
  return make(plain, std::move(options), {});
}

caf::expected<any_neuron> groq(huggingface_options options,
                               const variable_lookup& variables) {
  return make(groq_host, std::move(options), variables);
}

caf::expected<any_neuron> openrouter(huggingface_options options,
                                     const variable_lookup& variables) {
  return make(openrouter_host, std::move(options), variables);
}

caf::expected<any_neuron> together(huggingface_options options,
                                   const variable_lookup& variables) {
  return make(together_host, std::move(options), variables);
}

caf::expected<any_neuron> mistral(huggingface_options options,
                                  const variable_lookup& variables) {
  return make(mistral_host, std::move(options), variables);
}

} // namespace cosmo::neuron

// SPDX-License-Identifier: Apache-2.0
#include "api_key.hpp"
#include "model_source.hpp"
#include "openai_api.hpp"
#include "quoted_text.hpp"
#include <cosmo/neuron/openai.hpp>

#include <utility>

namespace cosmo::neuron {

caf::expected<any_neuron> openai(openai_options options,
                                 const variable_lookup& variables) {
  auto key = net::require_api_key("openai", options.api_key, "OPENAI_API_KEY",
                                  variables);
  if (!key)
    return std::move(key.error());
  if (auto error
      = net::check_model_options("openai", net::openai_option_table(), options))
    return net::mask(error, {*key});
  std::vector<net::http_field> fields{{"Authorization", "Bearer " + *key}};
  return net::make_model_source("openai", std::move(options), std::move(fields),
                                std::move(*key), net::make_openai_call);
}

} // namespace cosmo::neuron

// SPDX-License-Identifier: Apache-2.0
#include "anthropic_api.hpp"
#include "api_key.hpp"
#include "model_source.hpp"
#include "quoted_text.hpp"
#include <cosmo/neuron/anthropic.hpp>

#include <utility>

namespace cosmo::neuron {

caf::expected<any_neuron> anthropic(anthropic_options options,
                                    const variable_lookup& variables) {
  auto key = net::require_api_key("anthropic", options.api_key,
                                  "ANTHROPIC_API_KEY", variables);
  if (!key)
    return std::move(key.error());
  if (auto error = net::check_model_options(
        "anthropic", net::anthropic_option_table(), options))
    return net::mask(error, {*key});
  std::vector<net::http_field> fields{{"x-api-key", *key},
                                      {"anthropic-version", "2023-06-01"}};
  return net::make_model_source("anthropic", std::move(options),
                                std::move(fields), std::move(*key),
                                net::make_anthropic_call);
}

} // namespace cosmo::neuron

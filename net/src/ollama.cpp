// SPDX-License-Identifier: Apache-2.0
#include "model_source.hpp"
#include "ollama_api.hpp"
#include <cosmo/neuron/ollama.hpp>

#include <utility>

namespace cosmo::neuron {

caf::expected<any_neuron> ollama(ollama_options options) {
  if (auto error
      = net::check_model_options("ollama", net::ollama_option_table(), options))
    return error;
  return net::make_model_source("ollama", std::move(options), {}, {},
                                net::make_ollama_call);
}

} // namespace cosmo::neuron

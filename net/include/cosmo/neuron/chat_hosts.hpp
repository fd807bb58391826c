// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/error.hpp>
#include <cosmo/neuron.hpp>
#include <cosmo/neuron/huggingface.hpp>
#include <cosmo/neuron/variables.hpp>

/// Hosts that are the `huggingface` source with other defaults: their own
/// endpoint, the chat path for plain prompts, and a key from their variable.
/// Without a key none is sent, and the host answers 401.
/// @source neurons.md section 13
namespace cosmo::neuron {

/// https://api.groq.com/openai, key `GROQ_API_KEY`
caf::expected<any_neuron> groq(huggingface_options options,
                               const variable_lookup& variables
                               = process_variable);

/// https://openrouter.ai/api, key `OPENROUTER_API_KEY`
caf::expected<any_neuron> openrouter(huggingface_options options,
                                     const variable_lookup& variables
                                     = process_variable);

/// https://api.together.xyz, key `TOGETHER_API_KEY`
caf::expected<any_neuron> together(huggingface_options options,
                                   const variable_lookup& variables
                                   = process_variable);

/// https://api.mistral.ai, key `MISTRAL_API_KEY`
caf::expected<any_neuron> mistral(huggingface_options options,
                                  const variable_lookup& variables
                                  = process_variable);

} // namespace cosmo::neuron

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "model_neuron.hpp"
#include "source_options.hpp"
#include <cosmo/error.hpp>
#include <cosmo/json.hpp>
#include <cosmo/neuron/ollama.hpp>

/// The part of the source that needs no network. @source neurons.md section 10
namespace cosmo::net {

/// Every option there is, but for `client`, which JSON cannot hold.
option_table<neuron::ollama_options> ollama_option_table();

/// Chooses the path and writes the body.
/// @returns ec::bad_input
caf::expected<model_call>
make_ollama_call(const neuron::ollama_options& options, const json& input);

} // namespace cosmo::net

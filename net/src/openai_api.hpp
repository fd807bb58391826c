// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "model_neuron.hpp"
#include "source_options.hpp"
#include <cosmo/error.hpp>
#include <cosmo/json.hpp>
#include <cosmo/neuron/openai.hpp>

/// The part of the source that needs no network. @source neurons.md 12.1
namespace cosmo::net {

/// Every option there is, but for `client`, which JSON cannot hold.
option_table<neuron::openai_options> openai_option_table();

/// Writes the body; there is one path.
/// @returns ec::bad_input
caf::expected<model_call>
make_openai_call(const neuron::openai_options& options, const json& input);

} // namespace cosmo::net

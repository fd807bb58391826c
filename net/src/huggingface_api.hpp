// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "model_neuron.hpp"
#include "source_options.hpp"
#include <cosmo/error.hpp>
#include <cosmo/json.hpp>
#include <cosmo/neuron/huggingface.hpp>

/// The part of the source that needs no network. @source neurons.md section 11
namespace cosmo::net {

/// Every option there is, but for `client`, which JSON cannot hold.
option_table<neuron::huggingface_options> huggingface_option_table();

/// Judges options of either form.
/// @returns ec::bad_config without the key in its text.
caf::error validate(const neuron::huggingface_options& options);

/// Chooses the path and writes the body.
/// @returns ec::bad_input
caf::expected<model_call>
make_huggingface_call(const neuron::huggingface_options& options,
                      const json& input);

/// Makes the Neuron of options in JSON form.
caf::expected<any_neuron> huggingface_from_json(const json& options);

} // namespace cosmo::net

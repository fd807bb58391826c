// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "model_neuron.hpp"
#include "source_options.hpp"
#include <cosmo/error.hpp>
#include <cosmo/json.hpp>
#include <cosmo/neuron/anthropic.hpp>

/// The part of the source that needs no network. @source neurons.md 12.2
namespace cosmo::net {

/// Every option there is, but for `client`, which JSON cannot hold.
option_table<neuron::anthropic_options> anthropic_option_table();

/// Writes the body; there is one path.
/// @returns ec::bad_input
caf::expected<model_call>
make_anthropic_call(const neuron::anthropic_options& options,
                    const json& input);

} // namespace cosmo::net

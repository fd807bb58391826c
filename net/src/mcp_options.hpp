// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "child_process.hpp"
#include "source_options.hpp"
#include <cosmo/neuron/mcp.hpp>

namespace cosmo::net {

option_table<neuron::mcp_options> mcp_option_table();

/// @returns ec::bad_config naming the option.
caf::error validate(const neuron::mcp_options& options);

/// What the source's child is: the preset filled up with the other options,
/// and of this program's environment what a server may see.
/// @pre `options` are valid   @source neurons.md 15.1, 15.3
child_options child_of(const neuron::mcp_options& options,
                       const neuron::variable_lookup& variables);

} // namespace cosmo::net

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/error.hpp>

#include <string>

namespace cosmo::registry {

/// What every store says when it is asked for a Neuron it has no record of.
inline caf::error unknown_neuron(const std::string& neuron_id) {
  return make_error(ec::not_found,
                    "no Neuron `" + neuron_id + "` in the registry");
}

} // namespace cosmo::registry

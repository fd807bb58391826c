// SPDX-License-Identifier: Apache-2.0
#include "source_table.hpp"
#include <cosmo/neuron/source.hpp>

namespace cosmo::neuron {

caf::expected<any_neuron> from_source(std::string_view source,
                                      const json& options,
                                      const variable_lookup& variables) {
  auto entry = net::find_source(source);
  if (!entry)
    return std::move(entry.error());
  return (*entry)->make((*entry)->source, options, variables);
}

} // namespace cosmo::neuron

// SPDX-License-Identifier: Apache-2.0
#include <cosmo/neuron/variables.hpp>

#include <stdlib.h>

namespace cosmo::neuron {

std::optional<std::string> process_variable(const std::string& name) {
  if (auto value = ::getenv(name.c_str()))
    return value;
  return std::nullopt;
}

} // namespace cosmo::neuron

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace cosmo::neuron {

/// Looks an environment variable up; nothing if it is not set. A source asks
/// for its key once, when it is made.
using variable_lookup
  = std::function<std::optional<std::string>(const std::string& name)>;

/// The variables of this process.   @affinity any thread, while no other one
/// changes the environment
std::optional<std::string> process_variable(const std::string& name);

} // namespace cosmo::neuron

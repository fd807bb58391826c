// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/error.hpp>
#include <cosmo/neuron/variables.hpp>

#include <optional>
#include <string>
#include <string_view>

/// Where a source takes its key from. @source neurons.md 9.7
namespace cosmo::net {

/// The key that was given, even if empty, else the variable's value, else "".
/// @returns ec::bad_config naming the variable if its value cannot be sent.
caf::expected<std::string>
find_api_key(std::string_view source, const std::optional<std::string>& given,
             const std::string& variable,
             const neuron::variable_lookup& variables);

/// For providers that answer nobody without a key.
/// @returns ec::bad_config naming the variable if there is none.
caf::expected<std::string> require_api_key(
  std::string_view source, const std::optional<std::string>& given,
  const std::string& variable, const neuron::variable_lookup& variables);

} // namespace cosmo::net

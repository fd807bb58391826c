// SPDX-License-Identifier: Apache-2.0
#include "api_key.hpp"

#include "source_options.hpp"

namespace cosmo::net {

caf::expected<std::string>
find_api_key(std::string_view source, const std::optional<std::string>& given,
             const std::string& variable,
             const neuron::variable_lookup& variables) {
  if (given)
    return *given;
  auto key = variables(variable).value_or("");
  auto wrong = complaint(option_rule::no_control_chars, key);
  if (!wrong.empty())
    return make_error(ec::bad_config, "the key of " + std::string{source}
                                        + " in " + variable + " "
                                        + std::string{wrong});
  return key;
}

caf::expected<std::string> require_api_key(
  std::string_view source, const std::optional<std::string>& given,
  const std::string& variable, const neuron::variable_lookup& variables) {
  auto key = find_api_key(source, given, variable, variables);
  if (key && key->empty())
    return make_error(ec::bad_config, std::string{source}
                                        + " needs a key: set option 'api_key' "
                                          "or the variable "
                                        + variable);
  return key;
}

} // namespace cosmo::net

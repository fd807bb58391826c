// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/error.hpp>
#include <cosmo/json.hpp>
#include <cosmo/neuron.hpp>
#include <cosmo/neuron/variables.hpp>
#include <cosmo/recognizers.hpp>

#include <string_view>

namespace cosmo::net {

/// A source as configuration knows it.
struct source_entry {
  /// Makes the Neuron of options in JSON form; `source` names it in errors.
  using maker
    = caf::expected<any_neuron> (*)(std::string_view source,
                                    const json& options,
                                    const neuron::variable_lookup& variables);

  /// Lower case.
  std::string_view name;
  /// The same for all aliases.
  std::string_view source;
  maker make;
  /// Whether there is an option `system`, so that intents can be taught.
  bool takes_system = false;
  json (*recognize)(json raw) = recognize_llm;
};

/// @param name case does not matter.
/// @returns ec::bad_config listing the names there are.
/// @source neurons.md 7.5
caf::expected<const source_entry*> find_source(std::string_view name);

} // namespace cosmo::net

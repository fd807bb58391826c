// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "model_neuron.hpp"
#include "source_options.hpp"
#include <cosmo/error.hpp>
#include <cosmo/json.hpp>
#include <cosmo/neuron/huggingface.hpp>
#include <cosmo/neuron/variables.hpp>

#include <string_view>

/// The part of the source that needs no network. @source neurons.md section 11
namespace cosmo::net {

/// Every option there is, but for `client`, which JSON cannot hold.
option_table<neuron::huggingface_options> huggingface_option_table();

/// What sets one source of this family apart from another.
struct huggingface_flavour {
  std::string_view source;
  /// Empty if the user must name one.
  std::string_view endpoint = {};
  /// Where the key is if none was given; empty for nowhere.
  std::string_view key_variable = {};
  bool use_chat_api = false;
};

/// Fills in what was not given.
/// @returns ec::bad_config if the variable's value is of no use.
caf::expected<neuron::huggingface_options>
complete(const huggingface_flavour& flavour,
         neuron::huggingface_options options,
         const neuron::variable_lookup& variables);

/// Judges complete options of either form.
/// @returns ec::bad_config without the key in its text.
caf::error validate(std::string_view source,
                    const neuron::huggingface_options& options);

/// Chooses the path and writes the body.
/// @returns ec::bad_input
caf::expected<model_call>
make_huggingface_call(const neuron::huggingface_options& options,
                      const json& input);

} // namespace cosmo::net

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/error.hpp>
#include <cosmo/json_fwd.hpp>
#include <cosmo/neuron.hpp>
#include <cosmo/neuron/variables.hpp>

#include <string_view>

namespace cosmo::neuron {

/// Makes a Neuron from a source's name and its options as JSON, for programs
/// that take both from configuration.
/// @param source case does not matter: `ollama`, `huggingface` or `hf`,
///        `openai`, `anthropic`, `groq`, `openrouter`, `together`, `mistral`,
///        `mcp`, `flask` (also `wsgi`, `api`, `http`).
/// @param options an object with the members of the source's options struct;
///        `timeout` in seconds.
/// @returns ec::bad_config: unknown source, or an option that is unknown,
///          missing or wrong.   @source neurons.md 7.5
caf::expected<any_neuron>
from_source(std::string_view source, const json& options,
            const variable_lookup& variables = process_variable);

} // namespace cosmo::neuron

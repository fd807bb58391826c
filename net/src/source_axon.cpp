// SPDX-License-Identifier: Apache-2.0
#include "source_table.hpp"
#include <cosmo/axon.hpp>
#include <cosmo/neuron/anthropic.hpp>
#include <cosmo/neuron/huggingface.hpp>
#include <cosmo/neuron/mcp.hpp>
#include <cosmo/neuron/ollama.hpp>
#include <cosmo/neuron/openai.hpp>
#include <cosmo/neuron/source.hpp>

#include <string>
#include <utility>

namespace cosmo {

namespace {

using made_neuron = caf::expected<any_neuron>;

/// Adds the lesson to a system prompt where there is one to be given.
void teach(std::string& system, const intent_options& intents) {
  if (!intents.teach_intents.value_or(intents.recognize))
    return;
  system.append(system.empty() ? "" : "\n\n")
    .append(cosmo_intent_system_prompt);
}

/// The same for options in JSON form. A prompt that is none is for the source
/// to complain about.
json taught(const net::source_entry& source, json options,
            const intent_options& intents) {
  if (!source.takes_system || (!options.is_object() && !options.is_null()))
    return options;
  auto& system = options["system"];
  if (!system.is_string() && !system.is_null())
    return options;
  auto text = system.is_string() ? system.get<std::string>() : "";
  teach(text, intents);
  system = std::move(text);
  return options;
}

caf::error check(const net::source_entry& source, const axon_options& what,
                 const intent_options& intents) {
  if (what.neuron || what.neuron.fault())
    return make_error(ec::bad_config,
                      "'neuron' of an Axon around a source comes from the "
                      "source: "
                        + what.neuron_id);
  if (what.output_parser)
    return make_error(ec::bad_config,
                      "'output_parser' of an Axon around a source comes from "
                      "the source: "
                        + what.neuron_id);
  if (intents.teach_intents.value_or(false) && !source.takes_system)
    return make_error(ec::bad_config,
                      "teach_intents needs a source with a system prompt, "
                      "which "
                        + std::string{source.source} + " has not");
  return {};
}

axon around(const net::source_entry& source, axon_options what,
            made_neuron body, const intent_options& intents) {
  if (auto error = check(source, what, intents); error && body)
    body = std::move(error);
  what.neuron = std::move(body);
  what.output_parser = nullptr;
  if (intents.recognize)
    what.output_parser = source.recognize;
  return axon{std::move(what)};
}

/// For sources that are in the table for sure.
axon around(std::string_view source, axon_options what, made_neuron body,
            const intent_options& intents) {
  return around(**net::find_source(source), std::move(what), std::move(body),
                intents);
}

} // namespace

axon axon::from_source(std::string_view source, axon_options what,
                       const json& options, intent_options intents) {
  auto entry = net::find_source(source);
  if (!entry) {
    what.neuron = made_neuron{std::move(entry.error())};
    return axon{std::move(what)};
  }
  auto body = neuron::from_source(source, taught(**entry, options, intents));
  return around(**entry, std::move(what), std::move(body), intents);
}

axon axon::ollama(axon_options what, neuron::ollama_options options,
                  intent_options intents) {
  teach(options.system, intents);
  return around("ollama", std::move(what), neuron::ollama(std::move(options)),
                intents);
}

axon axon::huggingface(axon_options what, neuron::huggingface_options options,
                       intent_options intents) {
  return around("huggingface", std::move(what),
                neuron::huggingface(std::move(options)), intents);
}

axon axon::hf(axon_options what, neuron::huggingface_options options,
              intent_options intents) {
  return huggingface(std::move(what), std::move(options), intents);
}

axon axon::openai(axon_options what, neuron::openai_options options,
                  intent_options intents) {
  teach(options.system, intents);
  return around("openai", std::move(what), neuron::openai(std::move(options)),
                intents);
}

axon axon::anthropic(axon_options what, neuron::anthropic_options options,
                     intent_options intents) {
  teach(options.system, intents);
  return around("anthropic", std::move(what),
                neuron::anthropic(std::move(options)), intents);
}

axon axon::mcp(axon_options what, neuron::mcp_options options,
               intent_options intents) {
  return around("mcp", std::move(what), neuron::mcp(std::move(options)),
                intents);
}

} // namespace cosmo

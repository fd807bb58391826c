// SPDX-License-Identifier: Apache-2.0
#include "source_table.hpp"

#include "anthropic_api.hpp"
#include "http_app_api.hpp"
#include "http_syntax.hpp"
#include "huggingface_api.hpp"
#include "mcp_options.hpp"
#include "ollama_api.hpp"
#include "openai_api.hpp"
#include <cosmo/neuron/chat_hosts.hpp>

#include <string>
#include <type_traits>

namespace cosmo::net {

namespace {

/// Joins the two halves of a source: how its options are read, and what makes
/// a Neuron of them.
template <auto Table, auto Make>
caf::expected<any_neuron> from_json(std::string_view source, const json& given,
                                    const neuron::variable_lookup& variables) {
  auto options = read_options(source, Table(), given);
  if (!options)
    return std::move(options.error());
  if constexpr (std::is_invocable_v<decltype(Make), decltype(*options)>)
    return Make(std::move(*options));
  else
    return Make(std::move(*options), variables);
}

constexpr auto ollama = from_json<ollama_option_table, neuron::ollama>;
constexpr auto huggingface
  = from_json<huggingface_option_table, neuron::huggingface>;
constexpr auto openai = from_json<openai_option_table, neuron::openai>;
constexpr auto anthropic = from_json<anthropic_option_table, neuron::anthropic>;
constexpr auto groq = from_json<huggingface_option_table, neuron::groq>;
constexpr auto openrouter
  = from_json<huggingface_option_table, neuron::openrouter>;
constexpr auto together = from_json<huggingface_option_table, neuron::together>;
constexpr auto mistral = from_json<huggingface_option_table, neuron::mistral>;

constexpr auto mcp = from_json<mcp_option_table, neuron::mcp>;
constexpr auto flask = from_json<http_app_option_table, neuron::http_app>;

constexpr bool takes_system = true;

constexpr source_entry sources[] = {
  {"ollama", "ollama", ollama, takes_system},
  {"huggingface", "huggingface", huggingface},
  {"hf", "huggingface", huggingface},
  {"openai", "openai", openai, takes_system},
  {"anthropic", "anthropic", anthropic, takes_system},
  {"groq", "groq", groq},
  {"openrouter", "openrouter", openrouter},
  {"together", "together", together},
  {"mistral", "mistral", mistral},
  {"mcp", "mcp", mcp, !takes_system, recognize_mcp},
  {"flask", "flask", flask},
  {"wsgi", "flask", flask},
  {"api", "flask", flask},
  {"http", "flask", flask},
};

} // namespace

caf::expected<const source_entry*> find_source(std::string_view name) {
  auto wanted = lower(name);
  std::string known;
  for (const auto& entry : sources) {
    if (entry.name == wanted)
      return &entry;
    known.append(known.empty() ? "" : ", ").append(entry.name);
  }
  return make_error(ec::bad_config, "Unknown source '" + std::string{name}
                                      + "'; known: " + known);
}

} // namespace cosmo::net

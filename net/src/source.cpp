// SPDX-License-Identifier: Apache-2.0
#include "huggingface_api.hpp"
#include <cosmo/neuron/source.hpp>

#include <algorithm>
#include <string>

namespace cosmo::neuron {

namespace {

struct source_entry {
  std::string_view name;
  caf::expected<any_neuron> (*make)(const json& options);
};

constexpr source_entry sources[] = {
  {"huggingface", net::huggingface_from_json},
  {"hf", net::huggingface_from_json},
};

std::string lower(std::string_view text) {
  std::string result{text};
  for (auto& c : result)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  return result;
}

} // namespace

caf::expected<any_neuron> from_source(std::string_view source,
                                      const json& options) {
  auto name = lower(source);
  std::string known;
  for (const auto& entry : sources) {
    if (entry.name == name)
      return entry.make(options);
    known.append(known.empty() ? "" : ", ").append(entry.name);
  }
  return make_error(ec::bad_config, "Unknown source '" + std::string{source}
                                      + "'; known: " + known);
}

} // namespace cosmo::neuron

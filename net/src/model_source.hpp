// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "endpoint.hpp"
#include "model_neuron.hpp"
#include "source_client.hpp"
#include "source_limits.hpp"
#include "source_options.hpp"
#include <cosmo/error.hpp>
#include <cosmo/neuron/variables.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What all sources for language models do with their options.
namespace cosmo::net {

/// The pure part of a source: what one TASK's input makes it ask.
template <class Options>
using call_maker
  = caf::expected<model_call> (*)(const Options& options, const json& input);

/// Judges what every source of this kind has.
template <class Options>
caf::error check_model_options(std::string_view source,
                               option_table<Options> table,
                               const Options& options) {
  if (auto error = check_options(source, table, options))
    return error;
  return check_endpoint(source, options.endpoint);
}

/// Makes the Neuron of good options.
/// @param fields the source's own, beside those of every JSON request.
template <class Options>
caf::expected<any_neuron>
make_model_source(std::string_view source, Options options,
                  std::vector<http_field> fields, std::string key,
                  call_maker<Options> make_call) {
  auto client = find_client(source, std::exchange(options.client, nullptr),
                            options.ca_file);
  if (!client)
    return std::move(client.error());
  model_service service;
  service.endpoint = without_trailing_slashes(options.endpoint);
  service.fields = std::move(fields);
  service.timeout = options.timeout;
  service.response_bytes_max = options.max_response_bytes;
  service.limits = limits_of(options);
  if (!key.empty())
    service.secrets = {std::move(key)};
  service.make_call
    = [options = std::move(options), make_call](const json& input) {
        return make_call(options, input);
      };
  return make_model_neuron(std::move(service), std::move(*client));
}

} // namespace cosmo::net

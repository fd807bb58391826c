// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/json.hpp>
#include <cosmo/neuron.hpp>
#include <cosmo/neuron/variables.hpp>

#include <string>
#include <vector>

namespace cosmo::net::test {

/// A source for language models with the exchange that its fixture prescribes.
/// @source neurons.md section 21
struct model_source {
  std::string name;
  /// Base URL behind the authority.
  std::string base;
  /// Options besides the endpoint.
  json options;
  json input;
  std::string path;
  /// Lines of the request's head, besides those of all sources.
  std::vector<std::string> fields;
  std::string request_body;
  std::string reply_body;
  std::string response;
};

/// One of each source, on its chat path.
const std::vector<model_source>& model_sources();

/// The Neuron of a source, asking a server at `origin`: `http://host:port`.
any_neuron make_neuron(const model_source& source, const std::string& origin,
                       const json& more_options = json::object());

/// An environment with nothing in it.
neuron::variable_lookup no_variables();

/// An environment with one variable.
neuron::variable_lookup one_variable(std::string name, std::string value);

} // namespace cosmo::net::test

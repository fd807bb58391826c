// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "call_gate.hpp"
#include "llm_reply.hpp"
#include <cosmo/error.hpp>
#include <cosmo/json.hpp>
#include <cosmo/net/http_client.hpp>
#include <cosmo/neuron.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace cosmo::net {

/// What one TASK makes of a model API: a POST of `body` to the endpoint's
/// `path`, and how to read the answer.
struct model_call {
  std::string path;
  json body;
  reply_form form;
};

/// A model API as a Neuron sees it. The pure part is `make_call`; all sources
/// for language models share the rest.
struct model_service {
  /// Without trailing `/`.
  std::string endpoint;
  /// The source's own fields, its key among them.
  std::vector<http_field> fields;
  std::vector<std::string> secrets;
  std::chrono::duration<double> timeout = http_timeout_default;
  size_t response_bytes_max = response_bytes_default;
  call_limits limits = {};
  std::function<caf::expected<model_call>(const json& input)> make_call;
};

/// A Neuron answering `{"response": <text>, "meta": <the provider's reply>}`.
/// @source neurons.md 1.7, 9
any_neuron make_model_neuron(model_service service,
                             std::shared_ptr<http_client> client);

} // namespace cosmo::net

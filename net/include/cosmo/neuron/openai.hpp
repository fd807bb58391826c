// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/error.hpp>
#include <cosmo/net/http_client.hpp>
#include <cosmo/neuron.hpp>
#include <cosmo/neuron/breaker.hpp>
#include <cosmo/neuron/variables.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace cosmo::neuron {

/// How to ask a model of OpenAI, or of a server with the same API.
/// @source neurons.md 12.1
struct openai_options {
  /// Required.
  std::string model = {};
  /// Sent as `Authorization: Bearer`; if not set, the variable
  /// `OPENAI_API_KEY`. One of them must not be empty.
  std::optional<std::string> api_key = {};
  /// Base URL, with `/v1`.
  std::string endpoint = "https://api.openai.com/v1";
  /// Goes before every conversation if not empty.
  std::string system = {};
  std::optional<double> temperature = {};
  std::optional<int64_t> max_tokens = {};
  /// Bounds the whole exchange.
  std::chrono::duration<double> timeout = net::http_timeout_default;
  size_t max_response_bytes = net::response_bytes_default;
  /// Certificates to trust besides the system's, in a PEM file. Sources with
  /// the same file share one client.
  std::string ca_file = {};
  /// Calls under way at the same time; more wait for their turn. 0: any number.
  size_t max_concurrency = 0;
  /// Requests that begin within any 60 seconds; more wait. 0: any number.
  size_t requests_per_minute = 0;
  /// Tokens of prompts and answers that the replies of any 60 seconds may have
  /// reported before the next request begins. 0: any number.
  size_t tokens_per_minute = 0;
  /// Stops asking a server that fails. Off without `failures`.
  breaker_options breaker = {};
  /// The client to use in place of the shared one. It has its own `ca_file`.
  std::shared_ptr<net::http_client> client = {};
};

/// A Neuron that asks a model by OpenAI's chat API.
/// @shape input {"prompt"} or {"messages"}, optional {"tools"};
///        output {"response": text, "meta": the server's reply}
/// @returns ec::bad_config naming the option that is wrong, or the variable.
caf::expected<any_neuron> openai(openai_options options,
                                 const variable_lookup& variables
                                 = process_variable);

} // namespace cosmo::neuron

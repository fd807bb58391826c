// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/error.hpp>
#include <cosmo/net/http_client.hpp>
#include <cosmo/neuron.hpp>
#include <cosmo/neuron/breaker.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace cosmo::neuron {

/// How to ask a model that an Ollama server runs. It takes no key.
/// @source neurons.md section 10
struct ollama_options {
  /// Required.
  std::string model = {};
  /// Base URL.
  std::string endpoint = "http://localhost:11434";
  /// Goes before every conversation if not empty.
  std::string system = {};
  std::optional<double> temperature = {};
  /// Sent as `num_predict`.
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

/// A Neuron that asks a model behind an Ollama server.
/// @shape input {"prompt"} or {"messages"}, optional {"tools"};
///        output {"response": text, "meta": the server's reply}
/// @returns ec::bad_config naming the option that is wrong.
caf::expected<any_neuron> ollama(ollama_options options);

} // namespace cosmo::neuron

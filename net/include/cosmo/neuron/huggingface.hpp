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
#include <string_view>
#include <vector>

namespace cosmo::neuron {

/// Hugging Face's hosted router. It speaks chat only: set `use_chat_api`.
inline constexpr std::string_view huggingface_router
  = "https://router.huggingface.co";

/// How to reach a TGI, vLLM, llama.cpp or LM Studio server, or a router. The
/// hosts of chat_hosts.hpp take the same options.
/// @source neurons.md section 11
struct huggingface_options {
  /// Base URL, without `/v1`. Required, but for the hosts that have their own.
  std::string endpoint = {};
  /// Sent on the chat and completions paths if not empty.
  std::string model = {};
  /// Sent as `Authorization: Bearer` if not empty. `huggingface` reads no
  /// environment variable in its place: the endpoint may be any host.
  std::optional<std::string> api_key = {};
  /// Sends plain prompts to `/v1/chat/completions` too. If not set: false for
  /// `huggingface`, true for the hosts.
  std::optional<bool> use_chat_api = {};
  /// Sends prompts that are rendered already to `/v1/completions`.
  bool use_completions_api = false;
  std::optional<double> temperature = {};
  int64_t max_new_tokens = 512;
  std::vector<std::string> stop = {};
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

/// A Neuron that asks a model behind a Hugging Face compatible API.
/// @shape input {"prompt"} or {"messages"}, optional {"tools"};
///        output {"response": text, "meta": the server's reply}
/// @returns ec::bad_config naming the option that is wrong.
caf::expected<any_neuron> huggingface(huggingface_options options);

} // namespace cosmo::neuron

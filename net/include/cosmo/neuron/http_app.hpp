// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/error.hpp>
#include <cosmo/net/http_client.hpp>
#include <cosmo/neuron.hpp>
#include <cosmo/neuron/breaker.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace cosmo::neuron {

/// What a handler in this process is asked.
struct http_app_request {
  std::string method;
  /// Path and query, as in a request line.
  std::string target;
  std::vector<net::http_field> fields;
  std::string body;
};

/// An HTTP application without a socket. Must accept concurrent calls; an
/// exception is its failure.   @affinity a worker, so it may block
using http_app_handler
  = std::function<net::http_response(const http_app_request& request)>;

/// How to ask an HTTP application: a handler in this process or a server, one
/// of the two.   @source neurons.md section 14
struct http_app_options {
  http_app_handler app = {};
  /// Base URL of a running server. All below `base_headers` is for it alone.
  std::string endpoint = {};
  /// Upper-cased.
  std::string default_method = "POST";
  std::string default_path = "/";
  /// Sent with every request unless the input has a header of that name.
  std::vector<net::http_field> base_headers = {};
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
  /// Stops asking a server that fails. Off without `failures`.
  breaker_options breaker = {};
  /// The client to use in place of the shared one. It has its own `ca_file`.
  std::shared_ptr<net::http_client> client = {};
};

/// A Neuron that asks an HTTP application; source `flask`, `wsgi`, `api` or
/// `http`. A status of 400 and above is an answer, not a failure.
/// @shape input {"method", "path"|"url", "json"|"data", "query"|"params",
///        "headers"}, all optional; without a body the rest of an input with
///        "prompt", "text" or "content" is sent as JSON;
///        output {"status", "ok", "json", "response": body as text, "headers",
///        "meta": {"method", "path"}}
/// @returns ec::bad_config naming the option that is wrong.
caf::expected<any_neuron> http_app(http_app_options options);

} // namespace cosmo::neuron

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/error.hpp>
#include <cosmo/net/http_client.hpp>
#include <cosmo/neuron.hpp>
#include <cosmo/neuron/breaker.hpp>
#include <cosmo/neuron/variables.hpp>

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cosmo::neuron {

/// A well-known MCP server and how it is started.
struct mcp_preset {
  std::string name;
  std::string command;
  std::vector<std::string> args;
  /// What it is for, and the arguments it wants.
  std::string note;
};

/// The servers that `mcp_options::server` may name. @source neurons.md 15.2
const std::vector<mcp_preset>& standard_mcp_servers();

/// How to reach an MCP server: a program that is started and spoken to by its
/// standard streams (`server`, `command` or both), or a URL (`url`).
/// @source neurons.md section 15
struct mcp_options {
  /// Looked up on this program's PATH; takes the place of the preset's.
  std::string command = {};
  /// Appended to the preset's own.
  std::vector<std::string> args = {};
  /// Name of a preset.
  std::string server = {};
  /// Set for the program besides HOME, LOGNAME, PATH, SHELL, TERM and USER,
  /// which are all it inherits.
  std::map<std::string, std::string> env = {};
  /// The program's working directory; this one's if empty.
  std::string cwd = {};
  /// The tool to call where an input names none.
  std::string tool = {};
  /// How this client introduces itself.
  std::string client_name = "cosmonapse";
  std::string client_version = "0.2.0";
  /// Bounds the start of the server and the handshake.
  std::chrono::duration<double> startup_timeout{30};
  /// Bounds each request, and a call's wait for the limits below; 0 for no
  /// bound.
  std::chrono::duration<double> timeout{120};
  /// Bounds each message of the server.
  size_t max_response_bytes = net::response_bytes_default;
  /// Calls under way or in the server's queue at the same time; more wait for
  /// their turn. 0: any number.
  size_t max_concurrency = 0;
  /// Calls that begin within any 60 seconds, whatever requests they take; more
  /// wait. 0: any number.
  size_t requests_per_minute = 0;
  /// Stops asking, and starting, a server that fails. Off without `failures`.
  breaker_options breaker = {};
  /// A server that speaks streamable HTTP.
  std::string url = {};
  /// Sent to it with each request; their values are shown in no error text.
  std::vector<net::http_field> headers = {};
  /// Certificates to trust besides the system's, in a PEM file. Sources with
  /// the same file share one client.
  std::string ca_file = {};
  /// The client to use in place of the shared one. It has its own `ca_file`.
  std::shared_ptr<net::http_client> client = {};
};

/// A Neuron that calls the tools of an MCP server. The server is started by the
/// first call, serves one call at a time, and is started again by the next call
/// after it has ended. Closing the Neuron, or letting go of it, ends it.
/// @shape input {"__list_tools__": true} gives {"tools"}; else {"tool",
///        "arguments"}, or the arguments alone, gives {"response", "result",
///        "is_error", "content", "meta"}
/// @returns ec::bad_config naming the option that is wrong. In the Neuron's
///          answer ec::bad_input, bad_response, breaker_open, cancelled,
///          process_exited, rpc_error, timeout, too_large, and for `url` those
///          of HTTP.
caf::expected<any_neuron>
mcp(mcp_options options, const variable_lookup& variables = process_variable);

} // namespace cosmo::neuron

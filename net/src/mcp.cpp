// SPDX-License-Identifier: Apache-2.0
#include "mcp_client.hpp"
#include "mcp_options.hpp"
#include "mcp_stdio.hpp"
#include <cosmo/neuron/mcp.hpp>

#include <utility>

namespace cosmo::neuron {

namespace {

/// Shorter values are words like `1` or `debug`, which make no key.
constexpr size_t secret_size_min = 8;

net::mcp_session_settings session_settings(const mcp_options& options) {
  return {.client_name = options.client_name,
          .client_version = options.client_version,
          .startup_timeout = options.startup_timeout,
          .timeout = options.timeout};
}

net::mcp_source stdio_source(const mcp_options& options,
                             const variable_lookup& variables) {
  net::mcp_stdio_settings settings{.child = net::child_of(options, variables)};
  settings.message_bytes_max = options.max_response_bytes;
  for (const auto& [name, value] : options.env)
    if (value.size() >= secret_size_min)
      settings.secrets.push_back(value);
  json meta{{"server", options.server.empty() ? json{} : json(options.server)},
            {"command", settings.child.command}};
  net::mcp_call_settings calls{options.tool, std::move(meta)};
  auto shared
    = std::make_shared<const net::mcp_stdio_settings>(std::move(settings));
  return {
    .calls = std::make_shared<const net::mcp_call_settings>(std::move(calls)),
    .sessions = std::make_shared<const net::mcp_session_settings>(
      session_settings(options)),
    .connect =
      [shared](boost::asio::io_context& context) {
        return std::make_shared<net::mcp_stdio>(context, shared);
      },
  };
}

} // namespace

caf::expected<any_neuron> mcp(mcp_options options,
                              const variable_lookup& variables) {
  if (auto error = net::validate(options))
    return error;
  return net::make_mcp_neuron(stdio_source(options), net::mcp_thread::shared());
}

} // namespace cosmo::neuron

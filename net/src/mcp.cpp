// SPDX-License-Identifier: Apache-2.0
#include "field_text.hpp"
#include "mcp_client.hpp"
#include "mcp_http.hpp"
#include "mcp_options.hpp"
#include "mcp_stdio.hpp"
#include "source_client.hpp"
#include "source_limits.hpp"
#include <cosmo/neuron/mcp.hpp>

#include <utility>

namespace cosmo::neuron {

namespace {

/// The part that both kinds of server have in common.
net::mcp_source make_source(const mcp_options& options, json server_meta,
                            std::vector<std::string> secrets,
                            const std::string& where,
                            decltype(net::mcp_source::connect) connect) {
  net::mcp_call_settings calls{options.tool, std::move(server_meta)};
  net::mcp_session_settings sessions{.client_name = options.client_name,
                                     .client_version = options.client_version,
                                     .startup_timeout = options.startup_timeout,
                                     .timeout = options.timeout,
                                     .secrets = std::move(secrets)};
  return {
    .calls = std::make_shared<const net::mcp_call_settings>(std::move(calls)),
    .sessions
    = std::make_shared<const net::mcp_session_settings>(std::move(sessions)),
    .connect = std::move(connect),
    .limits = net::limits_of(options),
    .name = "MCP server " + where,
  };
}

net::mcp_source stdio_source(const mcp_options& options,
                             const variable_lookup& variables) {
  net::mcp_stdio_settings settings{.child = net::child_of(options, variables)};
  settings.message_bytes_max = options.max_response_bytes;
  for (const auto& [name, value] : options.env)
    if (value.size() >= net::secret_size_min)
      settings.secrets.push_back(value);
  json meta{{"server", options.server.empty() ? json{} : json(options.server)},
            {"command", settings.child.command}};
  auto secrets = settings.secrets;
  auto shared
    = std::make_shared<const net::mcp_stdio_settings>(std::move(settings));
  return make_source(
    options, std::move(meta), std::move(secrets), shared->child.command,
    [shared](const std::shared_ptr<net::mcp_thread>& thread) {
      return std::make_shared<net::mcp_stdio>(thread->context(), shared);
    });
}

caf::expected<net::mcp_source> http_source(mcp_options& options) {
  auto client
    = net::find_client("mcp", std::move(options.client), options.ca_file);
  if (!client)
    return std::move(client.error());
  net::mcp_http_settings settings{.url = options.url,
                                  .response_bytes_max
                                  = options.max_response_bytes,
                                  .client = std::move(*client)};
  settings.secrets = net::secrets_in(options.headers);
  settings.fields = std::move(options.headers);
  json meta{{"server", nullptr}, {"command", nullptr}, {"url", options.url}};
  auto secrets = settings.secrets;
  auto shared
    = std::make_shared<const net::mcp_http_settings>(std::move(settings));
  return make_source(options, std::move(meta), std::move(secrets), options.url,
                     [shared](const std::shared_ptr<net::mcp_thread>& thread) {
                       return std::make_shared<net::mcp_http>(thread, shared);
                     });
}

} // namespace

caf::expected<any_neuron> mcp(mcp_options options,
                              const variable_lookup& variables) {
  if (auto error = net::validate(options))
    return error;
  auto thread = net::mcp_thread::shared();
  if (options.url.empty())
    return net::make_mcp_neuron(stdio_source(options, variables),
                                std::move(thread));
  auto source = http_source(options);
  if (!source)
    return std::move(source.error());
  return net::make_mcp_neuron(std::move(*source), std::move(thread));
}

} // namespace cosmo::neuron

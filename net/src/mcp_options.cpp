// SPDX-License-Identifier: Apache-2.0
#include "mcp_options.hpp"

#include "http_syntax.hpp"
#include "quoted_text.hpp"
#include "url.hpp"

#include <algorithm>
#include <utility>

namespace cosmo {

namespace neuron {

const std::vector<mcp_preset>& standard_mcp_servers() {
  static const std::vector<mcp_preset> servers = {
    {"filesystem",
     "npx",
     {"-y", "@modelcontextprotocol/server-filesystem"},
     "reads and writes files; args: the folders it may use"},
    {"memory",
     "npx",
     {"-y", "@modelcontextprotocol/server-memory"},
     "keeps a graph of facts"},
    {"everything",
     "npx",
     {"-y", "@modelcontextprotocol/server-everything"},
     "shows every feature of the protocol, for tests"},
    {"sequentialthinking",
     "npx",
     {"-y", "@modelcontextprotocol/server-sequential-thinking"},
     "keeps the steps of a line of thought"},
    {"fetch", "uvx", {"mcp-server-fetch"}, "fetches web pages as text"},
    {"git",
     "uvx",
     {"mcp-server-git"},
     "works on a Git repository; args: --repository <path>"},
    {"time", "uvx", {"mcp-server-time"}, "tells and converts times"},
  };
  return servers;
}

} // namespace neuron

namespace net {

namespace {

using options_type = neuron::mcp_options;

using spec = option_spec<options_type>;

constexpr std::string_view source = "mcp";

const spec specs[] = {
  {"command", &options_type::command},
  {"args", &options_type::args},
  {"server", &options_type::server},
  {"env", &options_type::env},
  {"cwd", &options_type::cwd},
  {"tool", &options_type::tool},
  {"client_name", &options_type::client_name},
  {"client_version", &options_type::client_version},
  {"startup_timeout", &options_type::startup_timeout, option_rule::positive},
  {"timeout", &options_type::timeout, option_rule::not_negative},
  {"max_response_bytes", &options_type::max_response_bytes,
   option_rule::positive},
  {"max_concurrency", &options_type::max_concurrency},
  {"requests_per_minute", &options_type::requests_per_minute},
  {"breaker", &options_type::breaker},
  {"url", &options_type::url},
  {"headers", &options_type::headers},
  {"ca_file", &options_type::ca_file},
};

const neuron::mcp_preset* find_preset(std::string_view name) {
  for (const auto& preset : neuron::standard_mcp_servers())
    if (preset.name == name)
      return &preset;
  return nullptr;
}

bool holds_nul(std::string_view text) {
  return text.find('\0') != text.npos;
}

caf::error check_server(const options_type& options) {
  if (options.server.empty())
    return options.command.empty()
             ? make_error(ec::bad_config,
                          "mcp needs one of 'command', 'server' and 'url'")
             : caf::error{};
  if (find_preset(options.server))
    return {};
  std::string names;
  for (const auto& preset : neuron::standard_mcp_servers())
    names.append(names.empty() ? "" : ", ").append(preset.name);
  return bad_option(source, "server",
                    "must be one of " + names + ", not '" + options.server
                      + "'");
}

/// What the system's calls would cut or misread.
caf::error check_child(const options_type& options) {
  constexpr auto complaint = "must not contain a zero byte";
  if (holds_nul(options.command))
    return bad_option(source, "command", complaint);
  if (holds_nul(options.cwd))
    return bad_option(source, "cwd", complaint);
  if (std::ranges::any_of(options.args, holds_nul))
    return bad_option(source, "args", complaint);
  for (const auto& [name, value] : options.env)
    if (name.empty() || name.find('=') != name.npos || holds_nul(name)
        || holds_nul(value))
      return bad_option(source, "env", "has no valid variable '" + name + "'");
  return {};
}

/// Values are not shown: one of them may be a key.
caf::error check_headers(const options_type& options) {
  for (const auto& field : options.headers)
    if (auto wrong = field_complaint(field); !wrong.empty())
      return bad_option(source, "headers." + excerpt(field.name), wrong);
  return {};
}

caf::error check_url(const options_type& options) {
  if (!options.command.empty() || !options.server.empty()
      || !options.args.empty() || !options.env.empty() || !options.cwd.empty())
    return bad_option(source, "url",
                      "excludes 'command', 'server', 'args', 'env' and 'cwd'");
  if (auto target = parse_url(options.url); !target)
    return bad_option(source, "url", "is wrong: " + message_of(target.error()));
  return check_headers(options);
}

} // namespace

option_table<options_type> mcp_option_table() {
  return specs;
}

caf::error validate(const options_type& options) {
  if (auto error = check_options(source, mcp_option_table(), options))
    return error;
  if (!options.url.empty())
    return check_url(options);
  if (!options.headers.empty())
    return bad_option(source, "headers", "needs 'url'");
  if (!options.ca_file.empty())
    return bad_option(source, "ca_file", "needs 'url'");
  if (auto error = check_server(options))
    return error;
  return check_child(options);
}

child_options child_of(const options_type& options,
                       const neuron::variable_lookup& variables) {
  child_options result{.command = options.command, .cwd = options.cwd};
  if (auto preset = find_preset(options.server)) {
    if (result.command.empty())
      result.command = preset->command;
    result.args = preset->args;
  }
  result.args.insert(result.args.end(), options.args.begin(),
                     options.args.end());
  result.environment = options.env;
  for (auto name : {"HOME", "LOGNAME", "PATH", "SHELL", "TERM", "USER"}) {
    auto value = variables(name);
    // A function of a shell is code.
    if (value && !value->starts_with("()"))
      result.environment.emplace(name, std::move(*value));
  }
  return result;
}

} // namespace net

} // namespace cosmo

// SPDX-License-Identifier: Apache-2.0
#include "mcp_options.hpp"

#include "support/http_exchange.hpp"
#include <cosmo/neuron/source.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

using namespace cosmo;
using namespace cosmo::net;
using namespace cosmo::net::test;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using neuron::mcp_options;

namespace {

caf::expected<mcp_options> read(const json& options) {
  return read_options("mcp", mcp_option_table(), options);
}

std::string complaint_about(mcp_options options) {
  auto [code, text] = failure_of(validate(options));
  CHECK(code == ec::bad_config);
  return text;
}

std::optional<std::string> nothing_set(const std::string&) {
  return std::nullopt;
}

using args = std::vector<std::string>;

} // namespace

TEST_CASE("the presets are the reference servers", "[net][mcp]") {
  std::string lines;
  for (const auto& preset : neuron::standard_mcp_servers()) {
    CHECK_FALSE(preset.note.empty());
    lines += preset.name + ": " + preset.command;
    for (const auto& arg : preset.args)
      lines += " " + arg;
    lines += "\n";
  }
  CHECK(lines
        == "filesystem: npx -y @modelcontextprotocol/server-filesystem\n"
           "memory: npx -y @modelcontextprotocol/server-memory\n"
           "everything: npx -y @modelcontextprotocol/server-everything\n"
           "sequentialthinking: npx -y "
           "@modelcontextprotocol/server-sequential-thinking\n"
           "fetch: uvx mcp-server-fetch\n"
           "git: uvx mcp-server-git\n"
           "time: uvx mcp-server-time\n");
}

TEST_CASE("a preset is completed by the other options", "[net][mcp]") {
  mcp_options options{.args = {"/data"}, .server = "filesystem"};
  SECTION("arguments are appended") {
    auto child = child_of(options, nothing_set);
    CHECK(child.command == "npx");
    CHECK(child.args
          == args{"-y", "@modelcontextprotocol/server-filesystem", "/data"});
  }
  SECTION("a command takes the place of the preset's") {
    options.command = "my-npx";
    auto child = child_of(options, nothing_set);
    CHECK(child.command == "my-npx");
    CHECK(child.args.size() == 3);
  }
}

TEST_CASE("a command stands alone", "[net][mcp]") {
  auto child
    = child_of({.command = "x", .args = {"a", "b"}, .cwd = "/"}, nothing_set);
  CHECK(child.command == "x");
  CHECK(child.args == args{"a", "b"});
  CHECK(child.cwd == "/");
  CHECK(child.environment.empty());
}

TEST_CASE("a server sees six variables of ours and those it is given",
          "[net][mcp]") {
  auto ours = [](const std::string& name) -> std::optional<std::string> {
    if (name == "SHELL")
      return "() { :; }";
    if (name == "TERM")
      return std::nullopt;
    return "our " + name;
  };
  auto child = child_of(
    {.command = "x", .env = {{"TOKEN", "t"}, {"HOME", "theirs"}}}, ours);
  CHECK(child.environment
        == option_map{{"HOME", "theirs"},
                      {"LOGNAME", "our LOGNAME"},
                      {"PATH", "our PATH"},
                      {"TOKEN", "t"},
                      {"USER", "our USER"}});
}

TEST_CASE("something has to be reached", "[net][mcp]") {
  CHECK(complaint_about({})
        == "mcp needs one of 'command', 'server' and 'url'");
}

TEST_CASE("an unknown preset is refused with the names there are",
          "[net][mcp]") {
  auto name = GENERATE("Filesystem", "oracle");
  auto text = complaint_about({.command = "x", .server = name});
  CHECK_THAT(text, ContainsSubstring("not '" + std::string{name} + "'"));
  CHECK_THAT(text, ContainsSubstring("filesystem, memory, everything, "
                                     "sequentialthinking, fetch, git, time"));
}

TEST_CASE("a URL stands alone", "[net][mcp]") {
  std::string url = "http://host/mcp";
  for (auto options : {mcp_options{.command = "x", .url = url},
                       mcp_options{.server = "fetch", .url = url},
                       mcp_options{.args = {"x"}, .url = url},
                       mcp_options{.env = {{"a", "b"}}, .url = url},
                       mcp_options{.cwd = "/", .url = url}})
    CHECK_THAT(complaint_about(options), ContainsSubstring("'url'"));
  CHECK_FALSE(validate({.url = url, .headers = {{"X-Key", "k"}}}));
}

TEST_CASE("what belongs to a URL needs one", "[net][mcp]") {
  CHECK(complaint_about({.command = "x", .headers = {{"a", "b"}}})
        == "option 'headers' of mcp needs 'url'");
  CHECK(complaint_about({.command = "x", .ca_file = "f"})
        == "option 'ca_file' of mcp needs 'url'");
}

TEST_CASE("a URL must be one", "[net][mcp]") {
  auto url = GENERATE("ftp://host", "host", "http://");
  CHECK_THAT(complaint_about({.url = url}), ContainsSubstring("'url'"));
}

TEST_CASE("headers must be sendable, and are not shown", "[net][mcp]") {
  std::string url = "http://host/mcp";
  auto text = complaint_about({.url = url, .headers = {{"X", "s3cret\r\n"}}});
  CHECK_THAT(text, ContainsSubstring("headers.X"));
  CHECK_THAT(text, !ContainsSubstring("s3cret"));
  CHECK_THAT(complaint_about({.url = url, .headers = {{"", "x"}}}),
             ContainsSubstring("headers"));
}

TEST_CASE("what the system would cut is refused", "[net][mcp]") {
  std::string zero("a\0b", 3);
  CHECK_THAT(complaint_about({.command = zero}), ContainsSubstring("command"));
  CHECK_THAT(complaint_about({.command = "x", .cwd = zero}),
             ContainsSubstring("cwd"));
  CHECK_THAT(complaint_about({.command = "x", .args = {zero}}),
             ContainsSubstring("args"));
  for (auto name : {std::string{}, std::string{"a=b"}, zero})
    CHECK_THAT(complaint_about({.command = "x", .env = {{name, "v"}}}),
               ContainsSubstring("env"));
}

TEST_CASE("only a request may go without a timeout", "[net][mcp]") {
  CHECK_FALSE(validate({.command = "x", .timeout = 0s}));
  CHECK(complaint_about({.command = "x", .timeout = -1s})
        == "option 'timeout' of mcp must be >= 0");
  CHECK(complaint_about({.command = "x", .startup_timeout = 0s})
        == "option 'startup_timeout' of mcp must be > 0");
  CHECK(complaint_about({.command = "x", .max_response_bytes = 0})
        == "option 'max_response_bytes' of mcp must be > 0");
}

TEST_CASE("every option of an MCP source has its JSON form", "[net][mcp]") {
  auto options = read({{"command", "c"},
                       {"args", {"a"}},
                       {"server", "git"},
                       {"env", {{"A", "b"}}},
                       {"cwd", "/"},
                       {"tool", "t"},
                       {"client_name", "n"},
                       {"client_version", "v"},
                       {"startup_timeout", 1},
                       {"timeout", 0.5},
                       {"max_response_bytes", 10},
                       {"max_concurrency", 2},
                       {"requests_per_minute", 3},
                       {"breaker", {{"failures", 4}, {"open_for", 5}}},
                       {"url", "u"},
                       {"headers", {{"H", "v"}}},
                       {"ca_file", "f"}});
  REQUIRE(options);
  CHECK(options->command == "c");
  CHECK(options->args == args{"a"});
  CHECK(options->server == "git");
  CHECK(options->env == option_map{{"A", "b"}});
  CHECK(options->cwd == "/");
  CHECK(options->tool == "t");
  CHECK(options->client_name == "n");
  CHECK(options->client_version == "v");
  CHECK(options->startup_timeout == 1s);
  CHECK(options->timeout == 500ms);
  CHECK(options->max_response_bytes == 10);
  CHECK(options->max_concurrency == 2);
  CHECK(options->requests_per_minute == 3);
  CHECK(options->breaker.failures == 4);
  CHECK(options->breaker.open_for == 5s);
  CHECK(options->url == "u");
  CHECK(options->headers == std::vector<http_field>{{"H", "v"}});
  CHECK(options->ca_file == "f");
}

TEST_CASE("an MCP source has its defaults", "[net][mcp]") {
  auto options = read({{"command", "c"}});
  REQUIRE(options);
  CHECK(options->client_name == "cosmonapse");
  CHECK(options->client_version == "0.2.0");
  CHECK(options->startup_timeout == 30s);
  CHECK(options->timeout == 120s);
  CHECK(options->max_response_bytes == 16 * 1024 * 1024);
  CHECK(options->max_concurrency == 0);
  CHECK(options->requests_per_minute == 0);
  CHECK(options->breaker.failures == 0);
}

TEST_CASE("maps must be objects of strings", "[net][mcp]") {
  auto wrong = GENERATE(json("A=b"), json::array({"A"}), json{{"A", 1}});
  CHECK(failure_of(read({{"env", wrong}}))
        == failure{ec::bad_config,
                   "option 'env' of mcp must be an object of strings"});
}

TEST_CASE("constructing an MCP Neuron starts nothing", "[net][mcp]") {
  auto made
    = neuron::from_source("MCP", {{"command", "no-such-command-anywhere"}});
  REQUIRE(made);
  CHECK(made->async());
  made->close();
}

TEST_CASE("an unknown option of an MCP source is refused by name",
          "[net][mcp]") {
  auto text
    = failure_of(neuron::from_source("mcp", {{"system", "be nice"}})).text;
  CHECK_THAT(text, ContainsSubstring("mcp has no option 'system'; known: "
                                     "command, args, server"));
}

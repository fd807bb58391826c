// SPDX-License-Identifier: Apache-2.0
#include "support/http_exchange.hpp"
#include "support/mcp_fixture.hpp"
#include <cosmo/axon.hpp>
#include <cosmo/dendrite.hpp>
#include <cosmo/neuron/mcp.hpp>
#include <cosmo/runtime.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

using namespace cosmo;
using namespace cosmo::net;
using namespace cosmo::net::test;
using Catch::Matchers::ContainsSubstring;

namespace {

const axon_options tools{.neuron_id = "tools"};

/// An Axon before a server that gives this result to the first call.
class axon_bed {
public:
  explicit axon_bed(const std::string& answer, intent_options intents = {})
    : script_{handshake, ">", R"(< {"jsonrpc":"2.0","id":2,)" + answer + "}"},
      axon_{axon::mcp(tools,
                      {.command = script_.child().command,
                       .args = script_.child().args,
                       .tool = "echo"},
                      intents)} {
    // nop
  }

  cosmo::signal reply() {
    runtime rt;
    auto bus = rt.connect("memory:");
    auto worker = rt.dendrite(bus, {.role = role::worker});
    REQUIRE(worker.attach_axon(axon_));
    auto host = rt.dendrite(bus, {.dendrite_id = "asker"});
    auto scope = running(worker, host);
    REQUIRE(scope);
    auto reply = host.dispatch_and_wait(
      {.neuron = "tools", .input = {{"text", "hi"}}, .timeout = patience});
    REQUIRE(reply);
    return *reply;
  }

private:
  mcp_script script_;
  axon axon_;
};

std::string content(const std::string& text, bool is_error = false) {
  json result{{"content", {{{"type", "text"}, {"text", text}}}},
              {"isError", is_error}};
  return "\"result\":" + result.dump();
}

} // namespace

TEST_CASE("what a tool answers is the output", "[net][mcp][integration]") {
  auto reply = axon_bed{content("hi")}.reply();
  REQUIRE(reply.type() == signal_type::AGENT_OUTPUT);
  CHECK(reply.output()["response"] == "hi");
}

TEST_CASE("a tool's own error is an ERROR of its own code",
          "[net][mcp][integration]") {
  auto reply = axon_bed{content("text is required", true)}.reply();
  REQUIRE(reply.type() == signal_type::ERROR);
  auto error = reply.get_if<payload::error>();
  CHECK(error->code == "MCP_TOOL_ERROR");
  CHECK(error->message == "text is required");
  CHECK_FALSE(error->recoverable);
}

TEST_CASE("a tool's own error that is not read stays an output",
          "[net][mcp][integration]") {
  auto reply
    = axon_bed{content("text is required", true), {.recognize = false}}.reply();
  REQUIRE(reply.type() == signal_type::AGENT_OUTPUT);
  CHECK(reply.output()["is_error"] == true);
}

TEST_CASE("a refused call is a failure of the Neuron",
          "[net][mcp][integration]") {
  auto reply
    = axon_bed{R"("error":{"code":-32602,"message":"Unknown tool: nope"})"}
        .reply();
  REQUIRE(reply.type() == signal_type::ERROR);
  auto error = reply.get_if<payload::error>();
  CHECK(error->code == "NEURON_EXCEPTION");
  CHECK_THAT(error->message, ContainsSubstring("Unknown tool: nope"));
}

TEST_CASE("a tool may ask back", "[net][mcp][integration]") {
  auto reply
    = axon_bed{content(R"({"cosmo":"clarification","question":"region?"})")}
        .reply();
  REQUIRE(reply.type() == signal_type::CLARIFICATION);
  CHECK(reply.get_if<payload::clarification>()->question == "region?");
}

TEST_CASE("an MCP server cannot be taught", "[net][mcp]") {
  auto what = axon::from_source("mcp", tools, {{"command", "x"}},
                                {.teach_intents = true});
  auto [code, text] = failure_of(what.check());
  CHECK(code == ec::bad_config);
  CHECK_THAT(text, ContainsSubstring("teach_intents"));
}

TEST_CASE("an MCP source by its name is read as one", "[net][mcp]") {
  auto what = axon::from_source("MCP", tools, {{"command", "x"}});
  CHECK_FALSE(what.check());
  REQUIRE(what.options().output_parser);
  json raw{{"is_error", true}, {"response", "no"}};
  CHECK(what.options().output_parser(raw)["code"] == "MCP_TOOL_ERROR");
}

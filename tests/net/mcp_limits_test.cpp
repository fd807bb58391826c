// SPDX-License-Identifier: Apache-2.0
#include "mcp_client.hpp"
#include "mcp_stdio.hpp"
#include "support/fake_server.hpp"
#include "support/http_exchange.hpp"
#include "support/mcp_fixture.hpp"
#include "support/neuron_run.hpp"
#include <cosmo/neuron/mcp.hpp>
#include <cosmo/neuron/source.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <atomic>
#include <optional>

using namespace cosmo;
using namespace cosmo::net;
using namespace cosmo::net::test;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;

namespace {

const json echo{{"tool", "echo"}};

const std::string welcome
  = R"({"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2025-06-18",)"
    R"("capabilities":{},"serverInfo":{"name":"x","version":"1"}}})";

std::string reply(const json& id, const std::string& member) {
  return R"({"jsonrpc":"2.0","id":)" + id.dump() + "," + member + "}";
}

const std::string good
  = R"("result":{"content":[{"type":"text","text":"ok"}]})";

std::string as_json(const std::string& body) {
  return response("200 OK", body, "Content-Type: application/json\r\n");
}

/// What a server makes of a call: its whole response.
using call_handler = std::function<std::string(const json& id)>;

std::string serve_well(const json& id) {
  return as_json(reply(id, good));
}

/// An MCP server behind a URL that greets everybody.
fake_server::script greeter(call_handler on_call, std::atomic<int>* calls) {
  return [=](fake_peer& peer) {
    for (auto text = peer.read_request(); !text.empty();
         text = peer.read_request()) {
      auto message
        = json::parse(text.substr(text.find("\r\n\r\n") + 4), nullptr, false);
      auto method = message.is_object() ? message.value("method", "") : "";
      if (method == "initialize") {
        peer.write(as_json(welcome));
      } else if (method != "tools/call") {
        peer.write(response("202 Accepted", ""));
      } else {
        ++*calls;
        auto bytes = on_call(message["id"]);
        if (bytes.empty())
          return peer.wait_for_close();
        peer.write(bytes);
      }
    }
  };
}

struct http_peer {
  explicit http_peer(call_handler on_call, size_t connections = 8)
    : server{std::vector(connections, greeter(std::move(on_call), &calls))} {
    // nop
  }

  any_neuron neuron(neuron::mcp_options options) {
    options.url = server.url("/mcp");
    options.client = make_client();
    auto result = neuron::mcp(std::move(options));
    REQUIRE(result);
    return std::move(*result);
  }

  std::atomic<int> calls = 0;
  fake_server server;
};

any_neuron neuron_of(const mcp_script& script, neuron::mcp_options options) {
  options.command = script.child().command;
  options.args = script.child().args;
  auto result = neuron::mcp(std::move(options));
  REQUIRE(result);
  return std::move(*result);
}

using outcome = std::future<caf::expected<json>>;

failure refusal_of(outcome& pending) {
  return failure_of(await(std::move(pending)));
}

/// A server that takes a call and never answers it, by either way.
struct silent_server {
  explicit silent_server(bool is_program) {
    if (is_program)
      script.emplace(std::initializer_list<std::string>{handshake, ">"});
    else
      peer.emplace([](const json&) { return std::string{}; });
  }

  any_neuron neuron(neuron::mcp_options options) {
    return script ? neuron_of(*script, std::move(options))
                  : peer->neuron(std::move(options));
  }

  std::optional<mcp_script> script;
  std::optional<http_peer> peer;
};

} // namespace

TEST_CASE("a call of an MCP server above a limit waits, but not for ever",
          "[net][mcp][source_limits][integration]") {
  SECTION("above the requests of a minute") {
    mcp_script script{{handshake, ">", "< " + reply(2, good)}};
    auto neuron
      = neuron_of(script, {.timeout = 300ms, .requests_per_minute = 1});
    auto first = start_neuron(neuron, echo);
    auto second = start_neuron(neuron, echo);
    CHECK((*await(std::move(first)))["response"] == "ok");
    CHECK(refusal_of(second)
          == failure{ec::timeout, "the call of MCP server "
                                    + script.child().command
                                    + " could not begin within 0.3 s"});
  }
  SECTION("above the requests of a minute, behind a URL") {
    http_peer peer{serve_well};
    auto neuron = peer.neuron({.timeout = 300ms, .requests_per_minute = 1});
    CHECK(run_neuron(neuron, echo));
    CHECK(failure_of(run_neuron(neuron, echo))
          == failure{ec::timeout, "the call of MCP server "
                                    + peer.server.url("/mcp")
                                    + " could not begin within 0.3 s"});
    CHECK(peer.calls == 1);
  }
  SECTION("above the concurrency") {
    silent_server silent{GENERATE(true, false)};
    auto neuron = silent.neuron({.timeout = 300ms, .max_concurrency = 1});
    auto first = start_neuron(neuron, echo);
    auto second = start_neuron(neuron, echo);
    CHECK(refusal_of(first).code == ec::timeout);
    CHECK(refusal_of(second).code == ec::timeout);
  }
}

TEST_CASE("calls of an MCP server that wait get their turn",
          "[net][mcp][source_limits][integration]") {
  SECTION("by a program") {
    mcp_script script{{handshake, ">", "< " + reply(2, good), ">",
                       "< " + reply(3, good), ">", "< " + reply(4, good)}};
    auto neuron = neuron_of(script, {.max_concurrency = 1});
    std::vector<outcome> pending;
    for (int i = 0; i < 3; ++i)
      pending.push_back(start_neuron(neuron, echo));
    for (auto& item : pending)
      CHECK(await(std::move(item)));
  }
  SECTION("behind a URL") {
    http_peer peer{serve_well};
    auto neuron = peer.neuron({.max_concurrency = 2});
    std::vector<outcome> pending;
    for (int i = 0; i < 5; ++i)
      pending.push_back(start_neuron(neuron, echo));
    for (auto& item : pending)
      CHECK(await(std::move(item)));
    CHECK(peer.calls == 5);
  }
}

TEST_CASE("a call that waits for its turn at an MCP server can be stopped",
          "[net][mcp][source_limits][integration]") {
  silent_server silent{GENERATE(true, false)};
  // Without a timeout it would wait for as long as it takes.
  auto timeout = GENERATE(0s, 60s);
  std::optional<any_neuron> neuron
    = silent.neuron({.timeout = timeout, .max_concurrency = 1});
  auto first = start_neuron(*neuron, echo);
  std::stop_source stop;
  auto second = start_neuron(*neuron, echo, stop.get_token());
  auto third = start_neuron(*neuron, echo);
  stop.request_stop();
  CHECK(refusal_of(second).code == ec::cancelled);
  auto late = start_neuron(*neuron, echo, stop.get_token());
  CHECK(refusal_of(late).code == ec::cancelled);
  neuron.reset();
  CHECK(refusal_of(third).code == ec::cancelled);
  CHECK(refusal_of(first).code == ec::cancelled);
}

TEST_CASE("a stopped call of an MCP server gives its place to the next",
          "[net][mcp][source_limits][integration]") {
  std::atomic<bool> is_first = true;
  http_peer peer{[&](const json& id) {
    return is_first.exchange(false) ? std::string{} : serve_well(id);
  }};
  auto neuron = peer.neuron({.max_concurrency = 1});
  std::stop_source stop;
  auto first = start_neuron(neuron, echo, stop.get_token());
  auto second = start_neuron(neuron, echo);
  REQUIRE(wait_until([&] { return peer.calls == 1; }));
  stop.request_stop();
  CHECK(refusal_of(first).code == ec::cancelled);
  CHECK(await(std::move(second)));
}

TEST_CASE("closing an MCP Neuron ends what waits for the limits",
          "[net][mcp][source_limits][integration]") {
  http_peer peer{serve_well};
  auto neuron = peer.neuron({.requests_per_minute = 1});
  REQUIRE(run_neuron(neuron, echo));
  auto second = start_neuron(neuron, echo);
  neuron.close();
  CHECK(refusal_of(second).code == ec::cancelled);
}

TEST_CASE("the end of the program does not wait for a turn",
          "[net][mcp][source_limits][integration]") {
  mcp_script script{{handshake, ">", "< " + reply(2, good)}};
  auto settings = std::make_shared<const mcp_stdio_settings>(
    mcp_stdio_settings{.child = script.child()});
  auto thread = std::make_shared<mcp_thread>();
  mcp_call_settings calls{{}, json::object()};
  mcp_session_settings sessions{.timeout = 0s};
  auto neuron = make_mcp_neuron(
    {.calls = std::make_shared<const mcp_call_settings>(calls),
     .sessions = std::make_shared<const mcp_session_settings>(sessions),
     .connect =
       [settings](const std::shared_ptr<mcp_thread>& on) {
         return std::make_shared<mcp_stdio>(on->context(), settings);
       },
     .limits = {.requests_per_minute = 1}},
    thread);
  REQUIRE(run_neuron(neuron, echo));
  auto waiting = start_neuron(neuron, echo);
  thread->shut_down();
  CHECK(refusal_of(waiting).code == ec::cancelled);
  auto late = start_neuron(neuron, echo);
  CHECK(refusal_of(late).code == ec::cancelled);
}

TEST_CASE("a source stops starting an MCP server that ends",
          "[net][mcp][source_limits][integration]") {
  mcp_script script{{"exit 3"}};
  auto neuron
    = neuron_of(script, {.breaker = {.failures = 2, .open_for = 600s}});
  for (int i = 0; i < 2; ++i)
    CHECK(failure_of(run_neuron(neuron, echo)).code == ec::process_exited);
  CHECK(failure_of(run_neuron(neuron, echo))
        == failure{ec::breaker_open,
                   "the breaker of MCP server " + script.child().command
                     + " is open: the server has failed too often"});
}

TEST_CASE("a source stops asking an MCP server that fails",
          "[net][mcp][source_limits][integration]") {
  auto bytes = GENERATE(as<std::string>{}, response("500 Oops", ""),
                        response("429 Slow", ""), response("200 OK", ""),
                        std::string{"nonsense"},
                        // Neither result nor error.
                        "broken", "silent");
  CAPTURE(bytes);
  http_peer peer{[&](const json& id) {
    if (bytes == "broken")
      return as_json(reply(id, R"("x":1)"));
    return bytes == "silent" ? std::string{} : bytes;
  }};
  auto neuron = peer.neuron({.timeout = bytes == "silent" ? 200ms : 10s,
                             .breaker = {.failures = 2, .open_for = 600s}});
  for (int i = 0; i < 2; ++i)
    CHECK(failure_of(run_neuron(neuron, echo)).code != ec::breaker_open);
  auto [code, text] = failure_of(run_neuron(neuron, echo));
  CHECK(code == ec::breaker_open);
  CHECK_THAT(text, ContainsSubstring(peer.server.url("/mcp")));
  CHECK(peer.calls == 2);
}

TEST_CASE("an open breaker fails at once those who wait for their turn",
          "[net][mcp][source_limits][integration]") {
  silent_server silent{GENERATE(true, false)};
  auto neuron = silent.neuron({.timeout = 300ms,
                               .max_concurrency = 1,
                               .breaker = {.failures = 1, .open_for = 600s}});
  auto first = start_neuron(neuron, echo);
  CHECK(refusal_of(first).code == ec::timeout);
  CHECK(failure_of(run_neuron(neuron, echo)).code == ec::breaker_open);
}

TEST_CASE("a server that refuses the handshake has failed",
          "[net][mcp][source_limits][integration]") {
  SECTION("with an error in good form") {
    mcp_script script{
      {">", "< " + reply(1, R"("error":{"code":-32000,"message":"no"})")}};
    auto neuron = neuron_of(script, {.breaker = {.failures = 1}});
    CHECK(failure_of(run_neuron(neuron, echo)).code == ec::rpc_error);
    CHECK(failure_of(run_neuron(neuron, echo)).code == ec::breaker_open);
  }
  SECTION("with an error status") {
    fake_server server{{answer(response("503 Busy", ""))}};
    auto made = neuron::mcp({.breaker = {.failures = 1},
                             .url = server.url("/mcp"),
                             .client = make_client()});
    REQUIRE(made);
    CHECK(failure_of(run_neuron(*made, echo)).code == ec::http_status);
    CHECK(failure_of(run_neuron(*made, echo)).code == ec::breaker_open);
  }
}

TEST_CASE("what a working MCP server refuses does not open the breaker",
          "[net][mcp][source_limits][integration]") {
  auto member
    = GENERATE(as<std::string>{},
               R"("error":{"code":-32602,"message":"Unknown tool: echo"})",
               R"("result":{"content":[],"isError":true})", "401");
  CAPTURE(member);
  http_peer peer{[&](const json& id) {
    return member == "401" ? response("401 No", "")
                           : as_json(reply(id, member));
  }};
  auto neuron = peer.neuron({.breaker = {.failures = 1}});
  for (int i = 0; i < 3; ++i) {
    auto result = run_neuron(neuron, echo);
    CHECK((result || result.error() != ec::breaker_open));
  }
  CHECK(peer.calls == 3);
}

TEST_CASE("a bad input says nothing about the MCP server",
          "[net][mcp][source_limits][integration]") {
  http_peer peer{serve_well};
  auto neuron = peer.neuron({.breaker = {.failures = 1}});
  CHECK(failure_of(run_neuron(neuron, {{"tool", 1}})).code == ec::bad_input);
  CHECK(run_neuron(neuron, echo));
}

TEST_CASE("an MCP server that works again closes the breaker",
          "[net][mcp][source_limits][integration]") {
  std::atomic<bool> is_first = true;
  http_peer peer{[&](const json& id) {
    return is_first.exchange(false) ? response("500 Oops", "") : serve_well(id);
  }};
  auto neuron = peer.neuron({.breaker = {.failures = 1, .open_for = 1ns}});
  CHECK_FALSE(run_neuron(neuron, echo));
  CHECK(run_neuron(neuron, echo));
  CHECK(run_neuron(neuron, echo));
}

TEST_CASE("no refusal by a limit shows a secret",
          "[net][mcp][source_limits][integration]") {
  fake_server server{{answer(response("503 Busy", ""))}};
  auto made = neuron::mcp({.breaker = {.failures = 1},
                           .url = server.url("/s3cret-path"),
                           .headers = {{"X-Key", "s3cret-path"}},
                           .client = make_client()});
  REQUIRE(made);
  CHECK_FALSE(run_neuron(*made, echo));
  auto [code, text] = failure_of(run_neuron(*made, echo));
  CHECK(code == ec::breaker_open);
  CHECK_THAT(text, !ContainsSubstring("s3cret-path"));
}

TEST_CASE("the limits of an MCP source are judged", "[net][mcp]") {
  auto complaint = [](const char* option, json value) {
    json options{{"command", "x"}};
    options[option] = std::move(value);
    auto [code, text] = failure_of(neuron::from_source("mcp", options));
    CHECK(code == ec::bad_config);
    return text;
  };
  auto must_be = [](const char* option, const char* what) {
    return "option '" + std::string{option} + "' of mcp must be " + what;
  };
  for (auto option : {"max_concurrency", "requests_per_minute"})
    for (const json& bad : {json(-1), json(1.5), json("1"), json(true)})
      CHECK(complaint(option, bad)
            == must_be(option, "a non-negative integer"));
  for (const json& bad :
       {json(5), json::object(), json{{"failures", -1}}, json{{"open_for", 1}},
        json{{"failures", 1}, {"colour", 1}}})
    CHECK_THAT(complaint("breaker", bad),
               StartsWith(must_be("breaker", "an object with 'failures'")));
  for (auto span : {0.0, -1.0, 1e10})
    CHECK_THAT(complaint("breaker", {{"failures", 1}, {"open_for", span}}),
               EndsWith("must have an 'open_for' > 0 and <= 1e9"));
  CHECK_THAT(complaint("tokens_per_minute", 1),
             StartsWith("mcp has no option 'tokens_per_minute'; known: "));
}

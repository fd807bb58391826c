// SPDX-License-Identifier: Apache-2.0
#include "mcp_http.hpp"

#include "support/fake_server.hpp"
#include "support/http_exchange.hpp"
#include "support/log_capture.hpp"
#include "support/neuron_run.hpp"
#include <cosmo/neuron/mcp.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <latch>
#include <map>

using namespace cosmo;
using namespace cosmo::net;
using namespace cosmo::net::test;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;

namespace {

using texts = std::vector<std::string>;

const json echo{{"tool", "echo"}};

const std::string welcome
  = R"({"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2025-03-26",)"
    R"("capabilities":{},"serverInfo":{"name":"x","version":"1"}}})";

std::string as_json(const std::string& body, const std::string& fields = {}) {
  return response("200 OK", body,
                  "Content-Type: application/json\r\n" + fields);
}

std::string as_events(const std::string& events) {
  return response("200 OK", events, "Content-Type: text/event-stream\r\n");
}

const std::string greeting = as_json(welcome, "Mcp-Session-Id: s-1\r\n");

const std::string accepted = response("202 Accepted", "");

std::string answer(int id, const std::string& text = "ok") {
  return R"({"jsonrpc":"2.0","id":)" + std::to_string(id)
         + R"(,"result":{"content":[{"type":"text","text":")" + text + "\"}]}}";
}

/// Answers the requests of one connection, one after the other.
fake_server::script answers(texts responses, texts* requests = nullptr) {
  return [responses = std::move(responses), requests](fake_peer& peer) {
    for (const auto& bytes : responses) {
      auto request = peer.read_request();
      if (requests)
        requests->push_back(std::move(request));
      peer.write(bytes);
    }
  };
}

/// The JSON member of the request's body, or its whole text.
std::string method_of(const std::string& request) {
  auto body
    = json::parse(request.substr(request.find("\r\n\r\n") + 4), nullptr, false);
  return body.is_object() && body.contains("method") ? body["method"]
                                                     : json(request);
}

/// Answers each request of a connection by its method.
fake_server::script serve(std::map<std::string, std::string> responses) {
  return [responses = std::move(responses)](fake_peer& peer) {
    for (auto request = peer.read_request(); !request.empty();
         request = peer.read_request()) {
      auto found = responses.find(method_of(request));
      if (found == responses.end())
        return;
      peer.write(found->second);
    }
  };
}

any_neuron make(const fake_server& server, neuron::mcp_options options = {}) {
  options.url = server.url("/mcp");
  options.client = make_client();
  auto result = neuron::mcp(std::move(options));
  REQUIRE(result);
  return std::move(*result);
}

} // namespace

TEST_CASE("an MCP server behind a URL is asked by POST",
          "[net][mcp][integration]") {
  log_capture log;
  texts requests;
  fake_server server{
    {answers({greeting, accepted, as_json(answer(2)),
              as_json(answer(3, "again")), response("200 OK", "")},
             &requests)}};
  auto neuron = make(server, {.headers = {{"X-Key", "k1"}}});
  auto result = run_neuron(neuron, echo);
  REQUIRE(result);
  CHECK((*result)["response"] == "ok");
  CHECK((*result)["meta"]
        == json{{"tool", "echo"},
                {"server", nullptr},
                {"command", nullptr},
                {"url", server.url("/mcp")}});
  CHECK((*run_neuron(neuron, echo))["response"] == "again");
  neuron.close();
  REQUIRE(server.wait_for_ended(1));
  REQUIRE(requests.size() == 5);
  for (const auto& request : requests)
    CHECK_THAT(request, ContainsSubstring("X-Key: k1\r\n"));
  for (size_t i = 0; i < 4; ++i) {
    CHECK_THAT(requests[i], StartsWith("POST /mcp HTTP/1.1\r\n"));
    CHECK_THAT(requests[i],
               ContainsSubstring("Content-Type: application/json\r\n"));
    CHECK_THAT(requests[i], ContainsSubstring("Accept: application/json, "
                                              "text/event-stream\r\n"));
  }
  CHECK_THAT(requests[0], !ContainsSubstring("Mcp-Session-Id"));
  CHECK_THAT(requests[0], !ContainsSubstring("MCP-Protocol-Version"));
  CHECK_THAT(requests[0],
             EndsWith(R"({"jsonrpc":"2.0","id":1,"method":"initialize",)"
                      R"("params":{"protocolVersion":"2025-06-18",)"
                      R"("capabilities":{},"clientInfo":)"
                      R"({"name":"cosmonapse","version":"0.2.0"}}})"));
  for (size_t i = 1; i < 5; ++i) {
    CHECK_THAT(requests[i], ContainsSubstring("Mcp-Session-Id: s-1\r\n"));
    CHECK_THAT(requests[i],
               ContainsSubstring("MCP-Protocol-Version: 2025-03-26\r\n"));
  }
  CHECK_THAT(requests[1], EndsWith(R"({"jsonrpc":"2.0","method":)"
                                   R"("notifications/initialized"})"));
  CHECK(log.events().empty());
  CHECK_THAT(requests[4], StartsWith("DELETE /mcp HTTP/1.1\r\n"));
}

TEST_CASE("a server without sessions is sent no farewell",
          "[net][mcp][integration]") {
  texts requests;
  fake_server server{
    {answers({as_json(welcome), accepted, as_json(answer(2))}, &requests)}};
  auto neuron = make(server);
  REQUIRE(run_neuron(neuron, echo));
  neuron.close();
  REQUIRE(server.wait_for_ended(1));
  REQUIRE(requests.size() == 3);
  CHECK_THAT(requests[2], !ContainsSubstring("Mcp-Session-Id"));
  CHECK(server.connection_count() == 1);
}

TEST_CASE("an answer may come as an event, after others",
          "[net][mcp][integration]") {
  std::string log
    = R"({"jsonrpc":"2.0","method":"notifications/message","params":{}})";
  // The next request need not wait for the end of a stream.
  auto connection = serve(
    {{"initialize", as_events("event: message\ndata: " + welcome + "\n\n")},
     {"notifications/initialized", accepted},
     {"tools/call",
      as_events("data: " + log + "\n\nid: 7\ndata: " + answer(2) + "\n\n")}});
  fake_server server{{connection, connection, connection}};
  auto result = run_neuron(make(server), echo);
  REQUIRE(result);
  CHECK((*result)["response"] == "ok");
}

TEST_CASE("a server's request within a stream is answered by a POST",
          "[net][mcp][integration]") {
  std::latch answered{1};
  texts answers_sent;
  fake_server server{
    {[&](fake_peer& peer) {
       answers({greeting, accepted})(peer);
       peer.read_request();
       peer.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                  "Connection: close\r\n\r\n"
                  "data: {\"jsonrpc\":\"2.0\",\"id\":\"p\","
                  "\"method\":\"ping\"}\n\n");
       answered.wait();
       peer.write("data: " + answer(2) + "\n\n");
     },
     [&](fake_peer& peer) {
       answers({accepted}, &answers_sent)(peer);
       answered.count_down();
       peer.wait_for_close();
     }}};
  auto neuron = make(server);
  auto result = run_neuron(neuron, echo);
  REQUIRE(result);
  CHECK((*result)["response"] == "ok");
  REQUIRE(answers_sent.size() == 1);
  CHECK_THAT(answers_sent[0],
             EndsWith(R"({"jsonrpc":"2.0","id":"p","result":{}})"));
}

TEST_CASE("a session that the server has lost is begun anew",
          "[net][mcp][integration]") {
  texts requests;
  fake_server server{{answers(
    {greeting, accepted, response("404 Not Found", "who?"),
     as_json(welcome, "Mcp-Session-Id: s-2\r\n"), accepted, as_json(answer(2))},
    &requests)}};
  auto neuron = make(server);
  auto result = run_neuron(neuron, echo);
  REQUIRE(result);
  CHECK((*result)["response"] == "ok");
  REQUIRE(server.wait_for_ended(1));
  texts methods;
  for (const auto& request : requests)
    methods.push_back(method_of(request));
  CHECK(methods
        == texts{"initialize", "notifications/initialized", "tools/call",
                 "initialize", "notifications/initialized", "tools/call"});
  REQUIRE(requests.size() == 6);
  CHECK_THAT(requests[3], !ContainsSubstring("Mcp-Session-Id"));
  CHECK_THAT(requests[5], ContainsSubstring("Mcp-Session-Id: s-2\r\n"));
}

TEST_CASE("a server that answers with an error status fails the call",
          "[net][mcp][integration]") {
  fake_server server{
    {answers({response("401 No", "bad key s3cret, or mine-is-it")})}};
  auto outcome
    = run_neuron(make(server, {.headers = {{"Authorization", "Bearer s3cret"},
                                           {"X-Key", "mine-is-it"}}}),
                 echo);
  CHECK(failure_of(outcome)
        == failure{ec::http_status, "HTTP 401 from " + server.url("/mcp")
                                      + ": bad key ***, or ***"});
}

TEST_CASE("an error status later on fails that call alone",
          "[net][mcp][integration]") {
  fake_server server{{answers(
    {greeting, accepted, response("500 Oops", ""), as_json(answer(3))})}};
  auto neuron = make(server);
  CHECK(failure_of(run_neuron(neuron, echo)).code == ec::http_status);
  CHECK((*run_neuron(neuron, echo))["response"] == "ok");
}

TEST_CASE("a notification that is refused is worth a warning",
          "[net][mcp][integration]") {
  log_capture log;
  fake_server server{
    {answers({greeting, response("400 No", ""), as_json(answer(2))})}};
  auto neuron = make(server);
  CHECK((*run_neuron(neuron, echo))["response"] == "ok");
  CHECK(log.events() == texts{"message-not-sent"});
}

TEST_CASE("a response without the answer fails the call",
          "[net][mcp][integration]") {
  auto [bytes, text] = GENERATE(table<std::string, std::string>(
    {{as_events("data: {}\n\n"), "stream from "},
     {as_events(""), "stream from "},
     {as_json("{}"), "no answer in the response from "},
     {as_json("<html>"), "no answer in the response from "},
     {accepted, "no answer in the response from "}}));
  fake_server server{{answers({greeting, accepted, bytes})}};
  auto [code, said] = failure_of(run_neuron(make(server), echo));
  CHECK(code == ec::bad_response);
  CHECK_THAT(said, StartsWith(text + server.url("/mcp")));
}

TEST_CASE("an event above the limit fails the call",
          "[net][mcp][integration]") {
  fake_server server{
    {answers({greeting, accepted,
              as_events("data: " + std::string(2000, 'x') + "\n\n")})}};
  CHECK(failure_of(run_neuron(make(server, {.max_response_bytes = 1000}), echo))
          .code
        == ec::too_large);
}

TEST_CASE("nobody behind the URL fails the call", "[net][mcp][integration]") {
  auto url = "http://127.0.0.1:" + std::to_string(unused_port()) + "/mcp";
  auto made = neuron::mcp({.url = url, .client = make_client()});
  REQUIRE(made);
  CHECK(failure_of(run_neuron(*made, echo)).code == ec::connect_failed);
}

TEST_CASE("a call that takes too long is cancelled over there",
          "[net][mcp][integration]") {
  texts requests;
  fake_server server{{[](fake_peer& peer) {
                        answers({greeting, accepted})(peer);
                        peer.read_request();
                        peer.wait_for_close();
                      },
                      answers({accepted}, &requests)}};
  auto neuron = make(server, {.timeout = 0.2s});
  CHECK(failure_of(run_neuron(neuron, echo))
        == failure{ec::timeout,
                   "the MCP server did not answer tools/call within 0.2 s"});
  REQUIRE(server.wait_for_ended(2));
  REQUIRE(requests.size() == 1);
  CHECK(method_of(requests[0]) == "notifications/cancelled");
}

TEST_CASE("a server behind a URL must start in time",
          "[net][mcp][integration]") {
  fake_server server{{[](fake_peer& peer) { peer.wait_for_close(); }}};
  auto neuron = make(server, {.startup_timeout = 0.1s});
  CHECK(failure_of(run_neuron(neuron, echo)).code == ec::timeout);
  CHECK(server.wait_for_ended(1));
}

TEST_CASE("a Neuron that goes away closes its streams",
          "[net][mcp][integration]") {
  std::latch arrived{1};
  fake_server server{{[&](fake_peer& peer) {
    answers({as_json(welcome), accepted})(peer);
    peer.read_request();
    arrived.count_down();
    peer.wait_for_close();
  }}};
  std::optional<any_neuron> neuron = make(server);
  auto pending = start_neuron(*neuron, echo);
  arrived.wait();
  neuron.reset();
  REQUIRE(pending.wait_for(patience) == std::future_status::ready);
  CHECK(failure_of(pending.get()).code == ec::cancelled);
  CHECK(server.wait_for_ended(1));
}

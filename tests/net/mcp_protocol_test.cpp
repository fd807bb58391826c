// SPDX-License-Identifier: Apache-2.0
#include "mcp_protocol.hpp"

#include "support/http_exchange.hpp"
#include "support/log_capture.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

using namespace cosmo;
using namespace cosmo::net;
using namespace cosmo::net::test;
using Catch::Matchers::ContainsSubstring;

namespace {

using actions = std::vector<mcp_action>;

std::string welcome(const std::string& version) {
  return R"({"jsonrpc":"2.0","id":1,"result":{"protocolVersion":)" + version
         + R"(,"capabilities":{},"serverInfo":{"name":"x","version":"1"}}})";
}

std::string sent(const actions& what) {
  REQUIRE(what.size() == 1);
  REQUIRE(std::holds_alternative<mcp_send>(what[0]));
  return std::get<mcp_send>(what[0]).message;
}

failure refused(const actions& what) {
  REQUIRE(what.size() == 1);
  REQUIRE(std::holds_alternative<mcp_refused>(what[0]));
  return failure_of(std::get<mcp_refused>(what[0]).reason);
}

const mcp_reply& reply(const actions& what) {
  REQUIRE(what.size() == 1);
  REQUIRE(std::holds_alternative<mcp_reply>(what[0]));
  return std::get<mcp_reply>(what[0]);
}

/// A protocol with its handshake done and one open request, of id 2.
struct conversation {
  conversation() {
    REQUIRE(protocol.initialize("a", "1"));
    protocol.receive(welcome(R"("2025-06-18")"));
    auto opened = protocol.open_request("tools/list", nullptr);
    REQUIRE(opened);
    REQUIRE(opened->id == 2);
  }

  actions receive(std::string_view text) {
    return protocol.receive(text);
  }

  mcp_protocol protocol;
};

} // namespace

TEST_CASE("the handshake introduces the client", "[net][mcp]") {
  mcp_protocol protocol;
  auto hello = protocol.initialize("cosmonapse", "0.2.0");
  REQUIRE(hello);
  CHECK(*hello
        == R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":)"
           R"({"protocolVersion":"2025-06-18","capabilities":{},)"
           R"("clientInfo":{"name":"cosmonapse","version":"0.2.0"}}})");
}

TEST_CASE("a name that is no text ends the handshake before it begins",
          "[net][mcp]") {
  mcp_protocol protocol;
  CHECK(failure_of(protocol.initialize("\xFF", "1")).code == ec::encode_error);
}

TEST_CASE("known versions of the protocol are confirmed", "[net][mcp]") {
  auto version
    = GENERATE("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25");
  mcp_protocol protocol;
  REQUIRE(protocol.initialize("a", "1"));
  auto result = protocol.receive(welcome('"' + std::string{version} + '"'));
  REQUIRE(result.size() == 1);
  REQUIRE(std::holds_alternative<mcp_ready>(result[0]));
  auto& ready = std::get<mcp_ready>(result[0]);
  CHECK(ready.version == version);
  CHECK(ready.confirmation
        == R"({"jsonrpc":"2.0","method":"notifications/initialized"})");
}

TEST_CASE("unknown versions of the protocol are refused by name",
          "[net][mcp]") {
  auto [given, quoted] = GENERATE(
    table<std::string, std::string>({{R"("2023-01-01")", R"("2023-01-01")"},
                                     {"5", "5"},
                                     {"null", "no version"},
                                     {"{}", "{}"}}));
  mcp_protocol protocol;
  REQUIRE(protocol.initialize("a", "1"));
  auto [code, text] = refused(protocol.receive(welcome(given)));
  CHECK(code == ec::bad_response);
  CHECK_THAT(text, ContainsSubstring(quoted));
}

TEST_CASE("a handshake that is answered with an error has failed",
          "[net][mcp]") {
  mcp_protocol protocol;
  REQUIRE(protocol.initialize("a", "1"));
  CHECK(refused(protocol.receive(
          R"({"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"no"}})"))
        == failure{ec::rpc_error, "no (code -32000)"});
}

TEST_CASE("an answer belongs to the request of its id", "[net][mcp]") {
  conversation it;
  auto result = it.receive(R"({"jsonrpc":"2.0","id":2,"result":{"a":1}})");
  CHECK(reply(result).id == 2);
  CHECK(*reply(result).result == json{{"a", 1}});
  SECTION("and counts once") {
    CHECK(it.receive(R"({"jsonrpc":"2.0","id":2,"result":{}})").empty());
  }
}

TEST_CASE("answers that nobody has asked for are ignored", "[net][mcp]") {
  conversation it;
  auto text = GENERATE(R"({"id":77,"result":{}})", R"({"id":"2","result":{}})",
                       R"({"id":null,"result":{}})", R"({"result":{}})",
                       R"({"id":2.5,"result":{}})", R"({"id":[2]})", "{}",
                       R"({"id":1,"result":{"protocolVersion":"x"}})");
  CHECK(it.receive(text).empty());
}

TEST_CASE("ids are never used again", "[net][mcp]") {
  conversation it;
  CHECK(it.protocol.open_request("x", nullptr)->id == 3);
  it.receive(R"({"id":3,"result":{}})");
  CHECK(it.protocol.open_request("x", nullptr)->id == 4);
}

TEST_CASE("an error answer is a failure with its text and code", "[net][mcp]") {
  auto [error, text] = GENERATE(table<std::string, std::string>(
    {{R"({"code":-32602,"message":"Unknown tool: nope"})",
      "Unknown tool: nope (code -32602)"},
     {R"({"message":"no"})", "no"},
     {R"({"code":5,"message":7})",
      "the MCP server answered with an error (code 5)"},
     {R"("oops")", "the MCP server answered with an error"}}));
  conversation it;
  auto result = it.receive(R"({"id":2,"error":)" + error + "}");
  CHECK(failure_of(reply(result).result) == failure{ec::rpc_error, text});
}

TEST_CASE("an answer without content is a bad one", "[net][mcp]") {
  conversation it;
  auto result = it.receive(R"({"id":2})");
  CHECK(failure_of(reply(result).result).code == ec::bad_response);
}

TEST_CASE("a ping is answered with its own id", "[net][mcp]") {
  auto id = GENERATE("99", R"("abc")", "1.5");
  conversation it;
  CHECK(sent(it.receive(R"({"jsonrpc":"2.0","id":)" + std::string{id}
                        + R"(,"method":"ping"})"))
        == R"({"jsonrpc":"2.0","id":)" + std::string{id} + R"(,"result":{}})");
}

TEST_CASE("a ping is answered before the handshake is done", "[net][mcp]") {
  mcp_protocol protocol;
  REQUIRE(protocol.initialize("a", "1"));
  CHECK(sent(protocol.receive(R"({"id":1,"method":"ping"})"))
        == R"({"jsonrpc":"2.0","id":1,"result":{}})");
}

TEST_CASE("every other request of the server is refused", "[net][mcp]") {
  auto method = GENERATE("roots/list", "sampling/createMessage",
                         "elicitation/create", "");
  conversation it;
  CHECK(sent(it.receive(R"({"id":5,"method":")" + std::string{method} + "\"}"))
        == R"({"jsonrpc":"2.0","id":5,"error":{"code":-32601,)"
           R"("message":"Method not found: )"
             + std::string{method} + "\"}}");
}

TEST_CASE("notifications are ignored", "[net][mcp]") {
  conversation it;
  auto text = GENERATE(
    R"({"method":"notifications/message","params":{"data":"working"}})",
    R"({"method":"notifications/tools/list_changed"})",
    R"({"method":"notifications/progress","id":null})", R"({"method":7})");
  CHECK(it.receive(text).empty());
}

TEST_CASE("a list of messages is taken one by one", "[net][mcp]") {
  conversation it;
  auto result = it.receive(
    R"([{"id":9,"method":"ping"},7,{"id":2,"result":{}},{"id":2}])");
  REQUIRE(result.size() == 2);
  CHECK(std::holds_alternative<mcp_send>(result[0]));
  CHECK(std::holds_alternative<mcp_reply>(result[1]));
}

TEST_CASE("what is no message is skipped with one warning", "[net][mcp]") {
  log_capture log;
  conversation it;
  auto text = GENERATE(std::string{"Server is starting"}, std::string{"{\"a"},
                       std::string{"\xFF\xFE"}, std::string{"true"},
                       std::string(100'000, '['));
  CHECK(it.receive(text).empty());
  CHECK(it.receive(text).empty());
  REQUIRE_FALSE(log.events().empty());
  CHECK(log.events()[0] == "message-skipped");
}

TEST_CASE("a request that was given up is announced and its answer ignored",
          "[net][mcp]") {
  conversation it;
  CHECK(it.protocol.cancel(2, "too late")
        == R"({"jsonrpc":"2.0","method":"notifications/cancelled",)"
           R"("params":{"requestId":2,"reason":"too late"}})");
  CHECK(it.receive(R"({"id":2,"result":{}})").empty());
}

TEST_CASE("parameters that are no text cannot be sent", "[net][mcp]") {
  conversation it;
  CHECK(failure_of(it.protocol.open_request("x", {{"a", "\xFF"}})).code
        == ec::encode_error);
  CHECK(it.protocol.open_request("x", nullptr)->id == 3);
}

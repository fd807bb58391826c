// SPDX-License-Identifier: Apache-2.0
#include "mcp_call.hpp"

#include "support/http_exchange.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

using namespace cosmo;
using namespace cosmo::net;
using namespace cosmo::net::test;
using Catch::Matchers::ContainsSubstring;

namespace {

mcp_call make(json input, std::string default_tool = {}) {
  mcp_call_settings settings{std::move(default_tool),
                             {{"server", nullptr}, {"command", "fixture"}}};
  return {std::make_shared<const mcp_call_settings>(std::move(settings)),
          std::move(input)};
}

mcp_request request(mcp_step step) {
  REQUIRE(std::holds_alternative<mcp_request>(step));
  return std::get<mcp_request>(std::move(step));
}

json output(mcp_step step) {
  REQUIRE(std::holds_alternative<mcp_output>(step));
  return std::get<mcp_output>(std::move(step)).value;
}

failure refusal(const mcp_step& step) {
  REQUIRE(std::holds_alternative<caf::error>(step));
  return failure_of(std::get<caf::error>(step));
}

/// What the only tool, or the one named, is called with.
json params(json input, std::string default_tool = {}) {
  auto what = request(make(std::move(input), std::move(default_tool)).begin());
  CHECK(what.method == "tools/call");
  return what.params;
}

json tools(std::initializer_list<const char*> names) {
  auto list = json::array();
  for (auto name : names)
    list.push_back(json{{"name", name}});
  return json{{"tools", std::move(list)}};
}

} // namespace

// -- arguments ----------------------------------------------------------------

TEST_CASE("loose members of the input are the arguments", "[net][mcp]") {
  CHECK(params({{"tool", "t"},
                {"prompt", "hi"},
                {"n", 1},
                {"arguments", nullptr},
                {"args", nullptr},
                {"__list_tools__", false}})
        == json{{"name", "t"}, {"arguments", {{"prompt", "hi"}, {"n", 1}}}});
}

TEST_CASE("explicit arguments leave everything else out", "[net][mcp]") {
  CHECK(params({{"tool", "t"}, {"x", 1}, {"arguments", {{"a", 1}}}})
        == json{{"name", "t"}, {"arguments", {{"a", 1}}}});
  CHECK(params({{"tool", "t"}, {"x", 1}, {"args", {{"b", 1}}}})
        == json{{"name", "t"}, {"arguments", {{"b", 1}}}});
  CHECK(
    params({{"tool", "t"}, {"arguments", json::object()}, {"args", {{"b", 1}}}})
    == json{{"name", "t"}, {"arguments", json::object()}});
}

TEST_CASE("arguments that are no object are refused", "[net][mcp]") {
  auto wrong = GENERATE(json(1), json("x"), json::array(), json(false));
  CHECK(
    refusal(make({{"tool", "t"}, {"arguments", wrong}}).begin())
    == failure{ec::bad_input, std::string{"'arguments' must be an object, not "}
                                + wrong.type_name()});
  CHECK_THAT(refusal(make({{"tool", "t"}, {"args", wrong}}).begin()).text,
             ContainsSubstring("'args'"));
}

TEST_CASE("an input that is no object is refused", "[net][mcp]") {
  auto input = GENERATE(json(nullptr), json("x"), json::array({1}));
  CHECK(refusal(make(input).begin()).code == ec::bad_input);
}

// -- choice of the tool -------------------------------------------------------

TEST_CASE("the input's tool counts, then the option's", "[net][mcp]") {
  CHECK(params({{"tool", "t"}}, "other")["name"] == "t");
  CHECK(params({{"tool", ""}}, "other")["name"] == "other");
  CHECK(params({{"tool", nullptr}}, "other")["name"] == "other");
  CHECK(params(json::object(), "other")["name"] == "other");
}

TEST_CASE("a tool that is no text is refused", "[net][mcp]") {
  CHECK(refusal(make({{"tool", 5}}, "other").begin())
        == failure{ec::bad_input, "'tool' must be a string, not number"});
}

TEST_CASE("without a name the server's only tool is called", "[net][mcp]") {
  auto call = make({{"text", "hi"}});
  auto listing = request(call.begin());
  CHECK(listing.method == "tools/list");
  CHECK(listing.params.is_null());
  auto calling = request(call.receive(tools({"echo"})));
  CHECK(calling.method == "tools/call");
  CHECK(calling.params
        == json{{"name", "echo"}, {"arguments", {{"text", "hi"}}}});
}

TEST_CASE("where there is a choice the tools are named", "[net][mcp]") {
  auto call = make({{"text", "hi"}});
  call.begin();
  SECTION("if there are several") {
    CHECK(refusal(call.receive(tools({"a", "b"})))
          == failure{ec::bad_input,
                     "name one of the MCP server's tools by 'tool': a, b"});
  }
  SECTION("if there are several pages of them") {
    auto first = tools({"a"});
    first["nextCursor"] = "2";
    call.receive(first);
    CHECK_THAT(refusal(call.receive(tools({"b"}))).text,
               ContainsSubstring("a, b"));
  }
  SECTION("if there is none") {
    CHECK(refusal(call.receive(tools({})))
          == failure{ec::bad_input, "the MCP server offers no tool"});
  }
  SECTION("if they have no names") {
    CHECK(refusal(call.receive(json{{"tools", {1, json::object()}}})).code
          == ec::bad_input);
  }
}

// -- the list -----------------------------------------------------------------

TEST_CASE("tools are listed on demand", "[net][mcp]") {
  auto call = make({{"__list_tools__", true}, {"tool", "ignored"}});
  CHECK(request(call.begin()).method == "tools/list");
  json first{{"tools",
              {{{"name", "echo"},
                {"description", "Echo text."},
                {"inputSchema", {{"type", "object"}}},
                {"title", "Echo"}}}},
             {"nextCursor", "page 2"}};
  auto next = request(call.receive(first));
  CHECK(next.method == "tools/list");
  CHECK(next.params == json{{"cursor", "page 2"}});
  CHECK(output(call.receive(tools({"bare"})))
        == json{{"tools",
                 {{{"name", "echo"},
                   {"description", "Echo text."},
                   {"input_schema", {{"type", "object"}}}},
                  {{"name", "bare"},
                   {"description", nullptr},
                   {"input_schema", nullptr}}}}});
}

TEST_CASE("a server without tools has an empty list", "[net][mcp]") {
  auto call = make({{"__list_tools__", 1}});
  call.begin();
  CHECK(output(call.receive(tools({}))) == json{{"tools", json::array()}});
}

TEST_CASE("a list without end is given up after a thousand pages",
          "[net][mcp]") {
  auto call = make({{"__list_tools__", true}});
  auto page = tools({"again"});
  page["nextCursor"] = "more";
  auto step = call.begin();
  size_t pages = 0;
  while (std::holds_alternative<mcp_request>(step) && pages < 2000) {
    step = call.receive(page);
    ++pages;
  }
  CHECK(pages == 1000);
  CHECK(refusal(step).code == ec::bad_response);
}

TEST_CASE("a list that is none is a bad answer", "[net][mcp]") {
  auto result = GENERATE(json(nullptr), json::array(), json::object(),
                         json{{"tools", "x"}});
  auto call = make({{"__list_tools__", true}});
  call.begin();
  CHECK(refusal(call.receive(result)).code == ec::bad_response);
}

// -- results ------------------------------------------------------------------

TEST_CASE("a result has its text, its structure and its parts", "[net][mcp]") {
  auto content = json::parse(
    R"([{"type":"text","text":"hi"},)"
    R"({"type":"image","data":"AAAA","mimeType":"image/png"},)"
    R"({"type":"resource","resource":{"text":"inner"}},)"
    R"({"type":"text","text":"there"},{"type":"text","text":7},5])");
  auto call = make({{"tool", "echo"}});
  call.begin();
  auto result = output(
    call.receive({{"content", content}, {"structuredContent", {{"n", 2}}}}));
  CHECK(
    result.dump()
    == json{{"response", "hi\nthere"},
            {"result", {{"n", 2}}},
            {"is_error", false},
            {"content", content},
            {"meta",
             {{"tool", "echo"}, {"server", nullptr}, {"command", "fixture"}}}}
         .dump());
}

TEST_CASE("a result may lack everything", "[net][mcp]") {
  auto result = GENERATE(json::object(), json{{"content", nullptr}},
                         json{{"content", "x"}, {"isError", 0}});
  auto call = make({{"tool", "echo"}});
  call.begin();
  auto read = output(call.receive(result));
  CHECK(read["response"] == "");
  CHECK(read["result"].is_null());
  CHECK(read["is_error"] == false);
  CHECK(read["content"] == json::array());
}

TEST_CASE("a tool's own error is a result", "[net][mcp]") {
  auto call = make({{"tool", "echo"}});
  call.begin();
  json result{{"content", {{{"type", "text"}, {"text", "text is required"}}}},
              {"isError", true}};
  auto read = output(call.receive(result));
  CHECK(read["is_error"] == true);
  CHECK(read["response"] == "text is required");
}

TEST_CASE("a result that is no object is a bad answer", "[net][mcp]") {
  auto result = GENERATE(json(nullptr), json(5), json::array());
  auto call = make({{"tool", "echo"}});
  call.begin();
  CHECK(refusal(call.receive(result)).code == ec::bad_response);
}

TEST_CASE("a call may begin again", "[net][mcp]") {
  auto call = make(json::object());
  call.begin();
  auto page = tools({"old"});
  page["nextCursor"] = "2";
  call.receive(page);
  CHECK(request(call.begin()).params.is_null());
  CHECK(request(call.receive(tools({"new"}))).params["name"] == "new");
}

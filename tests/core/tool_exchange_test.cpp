// SPDX-License-Identifier: Apache-2.0
#include <cosmo/tool_exchange.hpp>

#include <catch2/catch_test_macros.hpp>

using namespace cosmo;
using namespace std::literals;

namespace {

using bindings = std::vector<effector_binding>;

std::string chosen(const bindings& all, std::string tool,
                   json args = json::object()) {
  auto found = choose_binding(all, {std::move(tool), std::move(args), {}});
  if (auto why_not = std::get_if<std::string>(&found))
    return *why_not;
  return std::get<const effector_binding*>(found)->name;
}

json good(std::optional<std::string> id = {}, json result = "text") {
  json x{{"tool", "read"}, {"args", {{"path", "a"}}}};
  if (id)
    x["call_id"] = *id;
  x["effector_id"] = "files";
  x["result"] = std::move(result);
  return x;
}

json bad(std::string id) {
  return {{"tool", "list"},
          {"args", json::object()},
          {"call_id", std::move(id)},
          {"error", "no"}};
}

} // namespace

// -- acting --------------------------------------------------------------------

TEST_CASE("a call goes to who lists it, is named like it, or is alone",
          "[core][tool_exchange]") {
  bindings all{{.name = "read", .directed_id = "a"},
               {.name = "other", .directed_id = "b", .tools = {"read"}}};
  CHECK(chosen(all, "read") == "other");
  CHECK(chosen(all, "other") == "other");
  all[1].tools = {"write"};
  CHECK(chosen(all, "read") == "read");
  CHECK(chosen(all, "list")
        == "no effector binding serves tool 'list'; bound: [read, other]");
  all.pop_back();
  CHECK(chosen(all, "list") == "read");
  CHECK(chosen({}, "list")
        == "no effector binding serves tool 'list'; bound: []");
}

TEST_CASE("declared tools are checked, others are not",
          "[core][tool_exchange]") {
  bindings all{{.name = "files",
                .directed_id = "a",
                .schemas = {{.name = "read",
                             .properties = {{"path", {{"type", "string"}}}},
                             .required = {"path"}}}}};
  CHECK(chosen(all, "read", {{"path", "x"}}) == "files");
  CHECK(chosen(all, "read")
        == "bad arguments of 'read': missing required argument(s): path");
  CHECK(chosen(all, "undeclared") == "files");
}

TEST_CASE("all schemas of all bindings are rendered", "[core][tool_exchange]") {
  bindings all{{.name = "a", .directed_id = "a", .schemas = {{.name = "x"}}},
               {.name = "b", .directed_id = "b"},
               {.name = "c",
                .directed_id = "c",
                .schemas = {{.name = "y"}, {.name = "z"}}}};
  auto tools = render_tools(all, "anthropic");
  REQUIRE(tools.size() == 3);
  CHECK(tools[0].at("name") == "x");
  CHECK(tools[2].at("name") == "z");
  CHECK(render_tools({}, "openai") == json::array());
}

TEST_CASE("an observation says what became of a call",
          "[core][tool_exchange]") {
  tool_intent call{"read", {{"path", "a"}}, "c1"};
  effector_binding by{.name = "files", .directed_id = "files"};
  auto seen = [&](const caf::expected<tool_outcome>& outcome) {
    return observation_of(call, by, outcome);
  };
  CHECK(seen(tool_outcome{.result = "text", .effector_id = "files"})
        == good("c1"));
  CHECK(seen(tool_outcome{.error = "no", .effector_id = "files"}).at("error")
        == "no");
  CHECK(seen(tool_outcome{}).at("result") == nullptr);
  CHECK(seen(make_error(ec::effector_timeout, "late"))
        == json{{"tool", "read"},
                {"args", {{"path", "a"}}},
                {"call_id", "c1"},
                {"effector_id", "files"},
                {"error", "EffectorTimeout: late"}});
  CHECK(seen(make_error(ec::effector_cancelled, "over")).at("error")
        == "EffectorCancelled: over");
  CHECK(seen(make_error(ec::not_connected, "gone")).at("error")
        == "tool_dispatch_failed: gone");
  CHECK(observation_of({"read", json::object(), {}}, "why")
        == json{{"tool", "read"}, {"args", json::object()}, {"error", "why"}});
}

TEST_CASE("several calls are listed, made or dropped",
          "[core][tool_exchange]") {
  tool_intent one{"a", json::object(), {}};
  tool_intent two{"b", {{"x", 1}}, "c2"};
  auto a = to_json(one);
  auto b = to_json(two);
  CHECK(acted_output({a}, {one}) == a);
  CHECK(acted_output({a}, {one, two}).at("dropped_calls") == json::array({b}));
  auto both = acted_output({a, b}, {one, two});
  CHECK(both.at("tool") == "a");
  CHECK(both.at("calls") == json::array({a, b}));
  CHECK_FALSE(both.contains("dropped_calls"));
}

// -- feeding back --------------------------------------------------------------

TEST_CASE("nothing to feed back is no message", "[core][tool_exchange]") {
  for (auto dialect : {"openai", "anthropic", "ollama", "hermes_text"})
    CHECK(tool_result_messages({}, dialect) == json::array());
}

TEST_CASE("OpenAI's models get one message for each result",
          "[core][tool_exchange]") {
  auto messages = tool_result_messages(
    {good("c1"), good("c2", {{"n", 1}}), bad("c3")}, "openai");
  REQUIRE(messages.size() == 4);
  CHECK(messages[0].at("role") == "assistant");
  CHECK(messages[0].at("content") == nullptr);
  CHECK(messages[0].at("tool_calls").size() == 3);
  CHECK(messages[0].at("tool_calls")[0]
        == json{
          {"id", "c1"},
          {"type", "function"},
          {"function", {{"name", "read"}, {"arguments", R"({"path":"a"})"}}}});
  CHECK(messages[1]
        == json{{"role", "tool"}, {"tool_call_id", "c1"}, {"content", "text"}});
  CHECK(messages[2].at("content") == R"({"n":1})");
  CHECK(messages[3].at("content") == "error: no");
  for (auto dialect : {"codex", "hermes", "unknown"})
    CHECK(tool_result_messages({good("c1"), good("c2", {{"n", 1}}), bad("c3")},
                               dialect)
          == messages);
}

TEST_CASE("Anthropic's models get all results in one message",
          "[core][tool_exchange]") {
  auto messages = tool_result_messages({good("c1"), bad("c2")}, "anthropic");
  CHECK(messages
        == json::array(
          {json{{"role", "assistant"},
                {"content", json::array({json{{"type", "tool_use"},
                                              {"id", "c1"},
                                              {"name", "read"},
                                              {"input", {{"path", "a"}}}},
                                         json{{"type", "tool_use"},
                                              {"id", "c2"},
                                              {"name", "list"},
                                              {"input", json::object()}}})}},
           json{{"role", "user"},
                {"content", json::array({json{{"type", "tool_result"},
                                              {"tool_use_id", "c1"},
                                              {"content", "text"}},
                                         json{{"type", "tool_result"},
                                              {"tool_use_id", "c2"},
                                              {"content", "no"},
                                              {"is_error", true}}})}}}));
  CHECK(tool_result_messages({good("c1"), bad("c2")}, "claude") == messages);
}

TEST_CASE("Ollama's models get objects, and names in place of ids",
          "[core][tool_exchange]") {
  auto messages = tool_result_messages({good("c1")}, "ollama");
  REQUIRE(messages.size() == 2);
  CHECK(messages[0].at("tool_calls")
        == json::array({json{
          {"function", {{"name", "read"}, {"arguments", {{"path", "a"}}}}}}}));
  CHECK(messages[1]
        == json{{"role", "tool"}, {"name", "read"}, {"content", "text"}});
}

TEST_CASE("models without native calls get tags in texts",
          "[core][tool_exchange]") {
  auto messages = tool_result_messages({good(), bad("c2")}, "hermes_text");
  REQUIRE(messages.size() == 4);
  CHECK(messages[0].at("role") == "assistant");
  CHECK(messages[0].at("content")
        == "<tool_call>\n{\"name\":\"read\",\"arguments\":{\"path\":\"a\"}}\n"
           "</tool_call>");
  CHECK(messages[1].at("role") == "user");
  CHECK(messages[1].at("content")
        == "<tool_response>\n{\"name\":\"read\",\"content\":\"text\"}\n"
           "</tool_response>");
}

TEST_CASE("missing and repeated ids are made up without colliding",
          "[core][tool_exchange]") {
  auto messages = tool_result_messages(
    {good(), good("call_auto_1"), good("x"), good("x"), good()}, "openai");
  std::vector<std::string> ids;
  for (auto& call : messages[0].at("tool_calls"))
    ids.push_back(call.at("id"));
  CHECK(ids
        == std::vector{"call_auto_2"s, "call_auto_1"s, "x"s, "call_auto_3"s,
                       "call_auto_4"s});
}

TEST_CASE("an output that lists its calls stands for all of them",
          "[core][tool_exchange]") {
  auto output = good("c1");
  output["calls"] = json::array({good("c1"), bad("c2")});
  CHECK(tool_result_messages({output}, "openai")
        == tool_result_messages({good("c1"), bad("c2")}, "openai"));
}

// SPDX-License-Identifier: Apache-2.0
#include "anthropic_api.hpp"

#include "support/log_capture.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace cosmo;
using namespace cosmo::net;
using namespace cosmo::net::test;
using cosmo::neuron::anthropic_options;

namespace {

model_call call_of(const anthropic_options& options, const json& input) {
  auto result = make_anthropic_call(options, input);
  REQUIRE(result);
  return std::move(*result);
}

json message(const char* role, json content) {
  json result;
  result["role"] = role;
  result["content"] = std::move(content);
  return result;
}

const json question = message("user", "q");

} // namespace

TEST_CASE("Anthropic gets a limit always and the rest when it is set",
          "[net][anthropic]") {
  auto bare = call_of({.model = "m"}, {{"prompt", "p"}});
  CHECK(bare.path == "/messages");
  CHECK(bare.body.dump()
        == R"({"model":"m","messages":[{"role":"user","content":"p"}],)"
           R"("max_tokens":1024})");
  auto full = call_of(
    {.model = "m", .system = "sys", .temperature = 0, .max_tokens = 7},
    {{"prompt", "p"}, {"tools", {{{"name", "read"}}}}, {"tool_choice", 1}});
  CHECK(full.body.dump()
        == R"({"model":"m","messages":[{"role":"user","content":"p"}],)"
           R"("max_tokens":7,"system":"sys","tools":[{"name":"read"}],)"
           R"("temperature":0.0})");
}

TEST_CASE("a system message replaces the configured system prompt",
          "[net][anthropic]") {
  auto call = call_of({.model = "m", .system = "configured"},
                      {{"messages", {message("system", "theirs"), question}}});
  CHECK(call.body.at("system") == "theirs");
  CHECK(call.body.at("messages") == json::array({question}));
}

TEST_CASE("the last system message that says something counts",
          "[net][anthropic]") {
  auto parts = json::parse(R"([{"type":"text","text":"in "},)"
                           R"({"type":"text","text":"parts"}])");
  log_capture log;
  auto call
    = call_of({.model = "m"},
              {{"messages",
                {message("system", "first"), question, message("system", parts),
                 message("system", ""), message("system", nullptr)}}});
  CHECK(call.body.at("system") == "in parts");
  CHECK(call.body.at("messages") == json::array({question}));
  CHECK(log.events() == std::vector<std::string>{"several-system-messages"});
}

TEST_CASE("a system message that says nothing replaces nothing",
          "[net][anthropic]") {
  auto empty = GENERATE(json(""), json(nullptr), json::array(), json(5));
  log_capture log;
  auto call = call_of({.model = "m", .system = "configured"},
                      {{"messages", {message("system", empty), question}}});
  CHECK(call.body.at("system") == "configured");
  CHECK(call.body.at("messages") == json::array({question}));
  CHECK(log.events().empty());
}

TEST_CASE("messages that are no objects are Anthropic's to judge",
          "[net][anthropic]") {
  auto call = call_of({.model = "m"}, {{"messages", {"x", 5, nullptr}}});
  CHECK(call.body.at("messages") == json::array({"x", 5, nullptr}));
}

TEST_CASE("a conversation of system messages alone holds nothing to send",
          "[net][anthropic]") {
  auto call = make_anthropic_call({.model = "m"},
                                  {{"messages", {message("system", "sys")}}});
  REQUIRE_FALSE(call);
  CHECK(call.error() == ec::bad_input);
  CHECK(message_of(call.error())
        == "Anthropic Neuron expects 'prompt' or 'messages' in the input; got "
           "keys: ['messages']");
}

TEST_CASE("Anthropic's text blocks are joined, others are not text",
          "[net][anthropic]") {
  auto call = call_of({.model = "m"}, {{"prompt", "p"}});
  auto reply = json::parse(R"({"content":[{"type":"text","text":"a"},)"
                           R"({"type":"tool_use","text":"x"},7,)"
                           R"({"type":"text","text":"b"}]})");
  auto text = text_of_reply(reply, call.form, "url");
  REQUIRE(text);
  CHECK(*text == "ab");
}

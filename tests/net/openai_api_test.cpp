// SPDX-License-Identifier: Apache-2.0
#include "openai_api.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace cosmo;
using namespace cosmo::net;
using cosmo::neuron::openai_options;

namespace {

model_call call_of(const openai_options& options, const json& input) {
  auto result = make_openai_call(options, input);
  REQUIRE(result);
  return std::move(*result);
}

} // namespace

TEST_CASE("OpenAI gets the system prompt as its first message",
          "[net][openai]") {
  auto call = call_of({.model = "gpt-4o-mini", .system = "be nice"},
                      {{"text", "hello"}});
  CHECK(call.path == "/chat/completions");
  CHECK(call.body.dump()
        == R"({"model":"gpt-4o-mini","messages":[{"role":"system","content":)"
           R"("be nice"},{"role":"user","content":"hello"}]})");
}

TEST_CASE("OpenAI gets its options in the body and no others",
          "[net][openai]") {
  auto call = call_of({.model = "m", .temperature = 0, .max_tokens = 32},
                      {{"prompt", "p"},
                       {"tools", {{{"type", "function"}}}},
                       {"tool_choice", "auto"},
                       {"stream", true}});
  CHECK(call.body.dump()
        == R"({"model":"m","messages":[{"role":"user","content":"p"}],)"
           R"("tools":[{"type":"function"}],"temperature":0.0,)"
           R"("max_tokens":32})");
}

TEST_CASE("a reply that calls a tool has an empty text", "[net][openai]") {
  auto reply = json::parse(R"({"choices":[{"message":{"content":null,)"
                           R"("tool_calls":[{"id":"call_1"}]}}]})");
  auto call = call_of({.model = "m"}, {{"prompt", "p"}});
  auto text = text_of_reply(reply, call.form, "url");
  REQUIRE(text);
  CHECK(text->empty());
}

TEST_CASE("an input without anything to say is refused by OpenAI's name",
          "[net][openai]") {
  auto call = make_openai_call({.model = "m"}, json::object());
  REQUIRE_FALSE(call);
  CHECK(message_of(call.error())
        == "OpenAI Neuron expects 'prompt' or 'messages' in the input; got "
           "keys: []");
}

// SPDX-License-Identifier: Apache-2.0
#include "ollama_api.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

using namespace cosmo;
using namespace cosmo::net;
using Catch::Matchers::ContainsSubstring;
using cosmo::neuron::ollama_options;

namespace {

model_call call_of(const ollama_options& options, const json& input) {
  auto result = make_ollama_call(options, input);
  REQUIRE(result);
  return std::move(*result);
}

std::string text_of(const model_call& call, const char* reply) {
  auto text = text_of_reply(json::parse(reply), call.form, "url");
  REQUIRE(text);
  return *text;
}

} // namespace

TEST_CASE("a prompt goes to Ollama's generate path", "[net][ollama]") {
  auto call = call_of({.model = "llama3",
                       .system = "Be brief.",
                       .temperature = 0.2,
                       .max_tokens = 64},
                      {{"prompt", "Say hello."}});
  CHECK(call.path == "/api/generate");
  CHECK(call.body.dump()
        == R"({"model":"llama3","prompt":"Say hello.","stream":false,)"
           R"("system":"Be brief.","options":{"temperature":0.2,)"
           R"("num_predict":64}})");
  CHECK(text_of(call, R"({"response":"Hello.","done":true})") == "Hello.");
}

TEST_CASE("what is not set is not sent to Ollama", "[net][ollama]") {
  CHECK(call_of({.model = "m"}, {{"prompt", "p"}}).body.dump()
        == R"({"model":"m","prompt":"p","stream":false})");
  auto zero = call_of({.model = "m", .temperature = 0, .max_tokens = 0},
                      {{"prompt", "p"}});
  CHECK(zero.body.at("options").dump()
        == R"({"temperature":0.0,"num_predict":0})");
}

TEST_CASE("messages go to Ollama's chat path, the system prompt in front",
          "[net][ollama]") {
  auto messages = json::parse(R"([{"role":"system","content":"s"},)"
                              R"({"role":"user","content":"u","images":[]}])");
  auto call = call_of({.model = "m", .system = "Be brief.", .temperature = 1},
                      {{"messages", messages}, {"prompt", "ignored"}});
  CHECK(call.path == "/api/chat");
  CHECK(call.body.dump()
        == R"({"model":"m","messages":[{"role":"system","content":)"
           R"("Be brief."},{"role":"system","content":"s"},{"role":"user",)"
           R"("content":"u","images":[]}],"stream":false,)"
           R"("options":{"temperature":1.0}})");
  CHECK(text_of(call, R"({"message":{"content":"Hi."}})") == "Hi.");
}

TEST_CASE("tools need Ollama's chat path", "[net][ollama]") {
  auto call = call_of({.model = "m"},
                      {{"prompt", "p"}, {"tools", {{{"type", "function"}}}}});
  CHECK(call.path == "/api/chat");
  CHECK(call.body.dump()
        == R"({"model":"m","messages":[{"role":"user","content":"p"}],)"
           R"("stream":false,"tools":[{"type":"function"}]})");
}

TEST_CASE("a follow-up is a prompt for Ollama too", "[net][ollama]") {
  auto call = call_of({.model = "m"}, {{"permission", {{"granted", true}}}});
  CHECK_THAT(call.body.at("prompt").get<std::string>(),
             ContainsSubstring("GRANTED"));
}

TEST_CASE("an input without anything to say is refused by Ollama's name",
          "[net][ollama]") {
  auto call = make_ollama_call({.model = "m"}, {{"other", 1}});
  REQUIRE_FALSE(call);
  CHECK(message_of(call.error())
        == "Ollama Neuron expects 'prompt' or 'messages' in the input; got "
           "keys: ['other']");
}

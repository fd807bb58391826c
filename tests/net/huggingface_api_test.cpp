// SPDX-License-Identifier: Apache-2.0
#include "huggingface_api.hpp"

#include "support/http_exchange.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <cmath>

using namespace cosmo;
using namespace cosmo::net;
using namespace cosmo::net::test;
using Catch::Matchers::ContainsSubstring;
using cosmo::neuron::huggingface_options;

namespace {

const std::string endpoint = "http://host";

model_call call_of(const huggingface_options& options, const json& input) {
  auto result = make_huggingface_call(options, input);
  REQUIRE(result);
  return std::move(*result);
}

std::string complaint_about(huggingface_options options) {
  auto [code, text] = failure_of(validate("huggingface", options));
  CHECK(code == ec::bad_config);
  return text;
}

} // namespace

// -- paths and bodies ---------------------------------------------------------

TEST_CASE("a plain prompt goes to TGI's own path", "[net][huggingface]") {
  auto call = call_of({.endpoint = endpoint}, {{"prompt", "Say hello."}});
  CHECK(call.path == "/generate");
  CHECK(call.body.dump()
        == R"({"inputs":"Say hello.","parameters":{"max_new_tokens":512}})");
}

TEST_CASE("TGI's own path gets its options as parameters, but no model",
          "[net][huggingface]") {
  auto call = call_of({.endpoint = endpoint,
                       .model = "m",
                       .temperature = 0,
                       .max_new_tokens = 7,
                       .stop = {"a", "b"}},
                      {{"prompt", "p"}});
  CHECK(call.body.at("parameters").dump()
        == R"({"max_new_tokens":7,"temperature":0.0,"stop":["a","b"]})");
  CHECK_FALSE(call.body.contains("model"));
}

TEST_CASE("a prompt goes to the chat path if asked to", "[net][huggingface]") {
  auto call = call_of({.endpoint = endpoint,
                       .model = "meta-llama/Llama-3.1-8B-Instruct",
                       .use_chat_api = true,
                       .temperature = 0.7,
                       .max_new_tokens = 128},
                      {{"prompt", "Say hello to a project in one line."}});
  CHECK(call.path == "/v1/chat/completions");
  CHECK(call.body
        == json::parse(R"({"messages":[{"role":"user",)"
                       R"("content":"Say hello to a project in )"
                       R"(one line."}],"max_tokens":128,)"
                       R"("model":"meta-llama/Llama-3.1-8B-)"
                       R"(Instruct","temperature":0.7})"));
}

TEST_CASE("messages or tools need the chat path", "[net][huggingface]") {
  auto messages = json::parse(R"([{"role":"system","content":"s"}])");
  auto tools = json::parse(R"([{"type":"function"}])");
  auto chat = call_of({.endpoint = endpoint}, {{"messages", messages}});
  CHECK(chat.path == "/v1/chat/completions");
  CHECK(chat.body == json{{"messages", messages}, {"max_tokens", 512}});
  auto armed = call_of({.endpoint = endpoint, .stop = {"x"}},
                       {{"prompt", "p"}, {"tools", tools}, {"tool_choice", 1}});
  CHECK(armed.path == "/v1/chat/completions");
  CHECK(armed.body
        == json{{"messages", {{{"role", "user"}, {"content", "p"}}}},
                {"max_tokens", 512},
                {"tools", tools},
                {"stop", {"x"}}});
}

TEST_CASE("empty messages and tools do not choose the chat path",
          "[net][huggingface]") {
  auto call = call_of(
    {.endpoint = endpoint},
    {{"prompt", "p"}, {"messages", json::array()}, {"tools", json::array()}});
  CHECK(call.path == "/generate");
}

TEST_CASE("a rendered prompt goes to the completions path",
          "[net][huggingface]") {
  huggingface_options options{
    .endpoint = endpoint, .use_completions_api = true, .stop = {"<|im_end|>"}};
  auto call = call_of(options, {{"prompt", "<|im_start|>hi"},
                                {"tools", {{{"ignored", true}}}},
                                {"messages", json::array()}});
  CHECK(call.path == "/v1/completions");
  CHECK(call.body.dump()
        == R"({"prompt":"<|im_start|>hi","max_tokens":512,)"
           R"("stop":["<|im_end|>"]})");
}

TEST_CASE("the completions path has no chat template for messages",
          "[net][huggingface]") {
  huggingface_options options{.endpoint = endpoint,
                              .use_completions_api = true};
  auto call = make_huggingface_call(
    options, {{"prompt", "p"}, {"messages", {{{"role", "user"}}}}});
  auto [code, text] = failure_of(call);
  CHECK(code == ec::bad_input);
  CHECK_THAT(text, ContainsSubstring("chat template"));
}

TEST_CASE("a follow-up is a prompt like any other", "[net][huggingface]") {
  auto call = call_of({.endpoint = endpoint},
                      {{"clarification", {{"answer", "north"}}}});
  CHECK(call.path == "/generate");
  CHECK_THAT(call.body.at("inputs").get<std::string>(),
             ContainsSubstring("north"));
}

// -- options ------------------------------------------------------------------

TEST_CASE("good options have no fault", "[net][huggingface]") {
  auto good = GENERATE("http://host", "https://host/llm/", "http://[::1]:8080");
  CHECK_FALSE(validate("huggingface", {.endpoint = good}));
}

TEST_CASE("the endpoint must be a base URL", "[net][huggingface]") {
  CHECK(complaint_about({}) == "option 'endpoint' of huggingface is required");
  CHECK(complaint_about({.endpoint = "ftp://host"})
        == "option 'endpoint' of huggingface is no base URL: 'ftp://host' has "
           "an unsupported scheme; expected http or https");
  CHECK(complaint_about({.endpoint = "host"})
        == "option 'endpoint' of huggingface is no base URL: 'host' is not an "
           "absolute http or https URL");
  CHECK(complaint_about({.endpoint = "http://host?a=b"})
        == "option 'endpoint' of huggingface must not have a query");
}

TEST_CASE("only one path can be forced", "[net][huggingface]") {
  CHECK_THAT(complaint_about({.endpoint = endpoint,
                              .use_chat_api = true,
                              .use_completions_api = true}),
             ContainsSubstring("mutually exclusive"));
}

TEST_CASE("the timeout must be a positive time", "[net][huggingface]") {
  auto bad = GENERATE(0.0, -1.0, std::nan(""));
  CHECK(complaint_about(
          {.endpoint = endpoint, .timeout = std::chrono::duration<double>{bad}})
        == "option 'timeout' of huggingface must be > 0");
}

TEST_CASE("other numbers must make sense too", "[net][huggingface]") {
  CHECK(complaint_about({.endpoint = endpoint, .temperature = NAN})
        == "option 'temperature' of huggingface must be finite");
  CHECK(complaint_about({.endpoint = endpoint, .max_response_bytes = 0})
        == "option 'max_response_bytes' of huggingface must be > 0");
}

TEST_CASE("a key with a line break is refused and not shown",
          "[net][huggingface]") {
  auto key = GENERATE("s3cret\n", "s3\rcret", "s3cret\r\nX-Evil: 1");
  auto text = complaint_about({.endpoint = endpoint, .api_key = key});
  CHECK(text
        == "option 'api_key' of huggingface must not contain line breaks "
           "or other control characters");
}

TEST_CASE("a key that strayed into another option is masked",
          "[net][huggingface]") {
  CHECK(complaint_about({.endpoint = "s3cret", .api_key = "s3cret"})
        == "option 'endpoint' of huggingface is no base URL: '***' is not an "
           "absolute http or https URL");
}

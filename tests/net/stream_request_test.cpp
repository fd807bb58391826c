// SPDX-License-Identifier: Apache-2.0
#include "anthropic_api.hpp"
#include "huggingface_api.hpp"
#include "ollama_api.hpp"
#include "openai_api.hpp"
#include <cosmo/neuron/source.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace cosmo;
using namespace cosmo::net;

namespace {

const json prompt{{"prompt", "p"}};

const json messages
  = json::parse(R"({"messages":[{"role":"user","content":"p"}]})");

model_call good(caf::expected<model_call> made) {
  REQUIRE(made);
  return std::move(*made);
}

} // namespace

TEST_CASE("a request says that it wants a stream", "[net][sources]") {
  SECTION("huggingface, chat") {
    auto call = good(make_huggingface_call({.stream = true}, messages));
    CHECK(call.path == "/v1/chat/completions");
    CHECK(call.body["stream"] == true);
    CHECK(call.stream == &chat_stream);
  }
  SECTION("huggingface, completions") {
    auto call = good(make_huggingface_call(
      {.use_completions_api = true, .stream = true}, prompt));
    CHECK(call.path == "/v1/completions");
    CHECK(call.body["stream"] == true);
    CHECK(call.stream == &completion_stream);
  }
  SECTION("huggingface, TGI's own path, by another path") {
    auto call = good(make_huggingface_call({.stream = true}, prompt));
    CHECK(call.path == "/generate_stream");
    CHECK(call.body.dump()
          == R"({"inputs":"p","parameters":{"max_new_tokens":512}})");
    CHECK(call.stream == &generation_stream);
  }
  SECTION("openai") {
    auto call = good(make_openai_call({.stream = true}, prompt));
    CHECK(call.body["stream"] == true);
    // Else a stream ends without a word about tokens.
    CHECK(call.body["stream_options"] == json{{"include_usage", true}});
    CHECK(call.stream == &chat_stream);
  }
  SECTION("anthropic") {
    auto call = good(make_anthropic_call({.stream = true}, prompt));
    CHECK(call.body["stream"] == true);
    CHECK(call.stream == &anthropic_stream);
  }
  SECTION("ollama, on both paths") {
    auto input = GENERATE(prompt, messages);
    auto call = good(make_ollama_call({.stream = true}, input));
    CHECK(call.body["stream"] == true);
    CHECK(call.stream == &ollama_stream);
  }
}

TEST_CASE("nothing streams unless it is asked to", "[net][sources]") {
  auto input = GENERATE(prompt, messages);
  auto ollama = good(make_ollama_call({}, input));
  CHECK(ollama.body["stream"] == false);
  CHECK(ollama.stream == nullptr);
  for (const auto& call : {good(make_huggingface_call({}, input)),
                           good(make_openai_call({}, input)),
                           good(make_anthropic_call({}, input))}) {
    CHECK_FALSE(call.body.contains("stream"));
    CHECK(call.stream == nullptr);
  }
}

TEST_CASE("a request with tools streams too", "[net][sources]") {
  auto input = messages;
  input["tools"] = json::array({{{"type", "function"}}});
  auto ollama = good(make_ollama_call({.stream = true}, input));
  CHECK(ollama.body["stream"] == true);
  CHECK(ollama.stream == &ollama_stream);
  for (const auto& call :
       {good(make_huggingface_call({.stream = true}, input)),
        good(make_openai_call({.stream = true}, input)),
        good(make_anthropic_call({.stream = true}, input))}) {
    CHECK(call.body["stream"] == true);
    CHECK(call.body.contains("tools"));
    CHECK(call.stream != nullptr);
  }
}

TEST_CASE("every source of a language model knows the option",
          "[net][sources]") {
  auto source = GENERATE("ollama", "huggingface", "openai", "anthropic", "groq",
                         "openrouter", "together", "mistral");
  json options{
    {"model", "m"}, {"endpoint", "http://127.0.0.1"}, {"stream", true}};
  if (source != std::string_view{"ollama"})
    options["api_key"] = "k";
  CHECK(neuron::from_source(source, options));
  options["stream"] = "yes";
  CHECK_FALSE(neuron::from_source(source, options));
}

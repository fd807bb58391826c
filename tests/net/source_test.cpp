// SPDX-License-Identifier: Apache-2.0
#include "huggingface_api.hpp"
#include "source_options.hpp"
#include "support/http_exchange.hpp"
#include <cosmo/neuron/source.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace cosmo;
using namespace cosmo::net;
using namespace cosmo::net::test;
using cosmo::neuron::from_source;

namespace {

caf::expected<neuron::huggingface_options> read(const json& options) {
  return read_options("huggingface", huggingface_option_table(), options);
}

} // namespace

TEST_CASE("a source is found by its name in any case", "[net][source]") {
  auto name = GENERATE("huggingface", "hf", "HF", "HuggingFace");
  auto made = from_source(name, {{"endpoint", "http://host"}});
  REQUIRE(made);
  CHECK(made->async());
}

TEST_CASE("an unknown source is refused with the names there are",
          "[net][source]") {
  CHECK(
    failure_of(from_source("oracle", json::object()))
    == failure{ec::bad_config,
               "Unknown source 'oracle'; known: ollama, huggingface, hf, "
               "openai, anthropic, groq, openrouter, together, mistral, mcp, "
               "flask, wsgi, api, http"});
}

TEST_CASE("an unknown option is refused by name", "[net][source]") {
  auto [code, text] = failure_of(
    from_source("hf", {{"endpoint", "http://host"}, {"system", "be nice"}}));
  CHECK(code == ec::bad_config);
  CHECK(text
        == "huggingface has no option 'system'; known: endpoint, model, "
           "api_key, use_chat_api, use_completions_api, temperature, "
           "max_new_tokens, stop, "
           "tokens_per_minute, timeout, max_response_bytes, ca_file, "
           "max_concurrency, requests_per_minute, breaker");
}

TEST_CASE("a missing option is refused by name", "[net][source]") {
  auto options
    = GENERATE(json::object(), json(nullptr), json{{"endpoint", nullptr}});
  CHECK(
    failure_of(from_source("hf", options))
    == failure{ec::bad_config, "option 'endpoint' of huggingface is required"});
}

TEST_CASE("options that are no object are refused", "[net][source]") {
  CHECK(
    failure_of(from_source("hf", json::array()))
    == failure{ec::bad_config, "the options of huggingface must be an object"});
}

TEST_CASE("an ill-typed option is refused by name", "[net][source]") {
  auto wrong = [](const char* name, json value) {
    auto result = failure_of(read({{name, std::move(value)}}));
    CHECK(result.code == ec::bad_config);
    return result.text;
  };
  auto must_be = [](std::string name, std::string what) {
    return "option '" + name + "' of huggingface must be " + what;
  };
  CHECK(wrong("model", 5) == must_be("model", "a string"));
  CHECK(wrong("use_chat_api", 1) == must_be("use_chat_api", "true or false"));
  CHECK(wrong("max_new_tokens", 1.5)
        == must_be("max_new_tokens", "an integer"));
  CHECK(wrong("max_new_tokens", true)
        == must_be("max_new_tokens", "an integer"));
  CHECK(wrong("max_new_tokens", 10'000'000'000'000'000'000u)
        == must_be("max_new_tokens", "an integer"));
  CHECK(wrong("max_response_bytes", -1)
        == must_be("max_response_bytes", "a non-negative integer"));
  CHECK(wrong("temperature", "hot") == must_be("temperature", "a number"));
  CHECK(wrong("timeout", "1 s") == must_be("timeout", "a number of seconds"));
  CHECK(wrong("stop", "x") == must_be("stop", "a list of strings"));
  CHECK(wrong("stop", {"x", 1}) == must_be("stop", "a list of strings"));
  CHECK(wrong("api_key", json::array({"s3cret"}))
        == must_be("api_key", "a string"));
}

TEST_CASE("every option of the struct has its JSON form", "[net][source]") {
  auto options = read({{"endpoint", "http://host"},
                       {"model", "m"},
                       {"api_key", "k"},
                       {"use_chat_api", true},
                       {"use_completions_api", true},
                       {"temperature", 1},
                       {"max_new_tokens", 5},
                       {"stop", {"x"}},
                       {"timeout", 0.5},
                       {"max_response_bytes", 10},
                       {"ca_file", "x.pem"},
                       {"max_concurrency", 1},
                       {"requests_per_minute", 2},
                       {"tokens_per_minute", 3},
                       {"breaker", {{"failures", 4}, {"open_for", 0.5}}}});
  REQUIRE(options);
  CHECK(options->ca_file == "x.pem");
  CHECK(options->max_concurrency == 1);
  CHECK(options->requests_per_minute == 2);
  CHECK(options->tokens_per_minute == 3);
  CHECK(options->breaker.failures == 4);
  CHECK(options->breaker.open_for == std::chrono::milliseconds{500});
  CHECK(options->endpoint == "http://host");
  CHECK(options->model == "m");
  CHECK(options->api_key == "k");
  CHECK(options->use_chat_api == true);
  CHECK(options->use_completions_api);
  CHECK(options->temperature == 1.0);
  CHECK(options->max_new_tokens == 5);
  CHECK(options->stop == std::vector<std::string>{"x"});
  CHECK(options->timeout == std::chrono::milliseconds{500});
  CHECK(options->max_response_bytes == 10);
}

TEST_CASE("options left out or null keep their defaults", "[net][source]") {
  auto options = read({{"endpoint", "http://host"}, {"timeout", nullptr}});
  REQUIRE(options);
  CHECK(options->timeout == std::chrono::seconds{120});
  CHECK(options->max_new_tokens == 512);
  CHECK(options->max_response_bytes == 16 * 1024 * 1024);
  CHECK_FALSE(options->temperature);
}

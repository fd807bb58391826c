// SPDX-License-Identifier: Apache-2.0
#include "support/http_exchange.hpp"
#include "support/model_sources.hpp"
#include <cosmo/neuron/chat_hosts.hpp>
#include <cosmo/neuron/source.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

using namespace cosmo;
using namespace cosmo::net;
using namespace cosmo::net::test;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;
using neuron::from_source;

namespace {

model_source any_source() {
  return GENERATE(from_range(model_sources()));
}

/// Why a source refuses its fixture's options with this one changed.
std::string complaint_about(const model_source& source, const char* option,
                            json value) {
  auto options = source.options;
  options["endpoint"] = "http://host";
  options[option] = std::move(value);
  auto [code, text] = failure_of(from_source(source.name, options));
  CHECK(code == ec::bad_config);
  return text;
}

} // namespace

TEST_CASE("every source refuses an option it does not know by name",
          "[net][source_rows]") {
  auto source = any_source();
  CAPTURE(source.name);
  CHECK_THAT(complaint_about(source, "colour", "red"),
             StartsWith(source.name + " has no option 'colour'; known: "));
}

TEST_CASE("only sources with a place for it take a system prompt",
          "[net][source_rows]") {
  auto source
    = GENERATE("huggingface", "groq", "openrouter", "together", "mistral");
  json options{{"endpoint", "http://host"}, {"system", "be nice"}};
  CHECK_THAT(failure_of(from_source(source, options)).text,
             StartsWith(source + std::string{" has no option 'system'"}));
}

TEST_CASE("every source judges the options that all have",
          "[net][source_rows]") {
  auto source = any_source();
  CAPTURE(source.name);
  auto must = [&](const char* option, const char* what) {
    return "option '" + std::string{option} + "' of " + source.name + " must "
           + what;
  };
  CHECK(complaint_about(source, "timeout", 0) == must("timeout", "be > 0"));
  CHECK(complaint_about(source, "timeout", "1")
        == must("timeout", "be a number of seconds"));
  CHECK(complaint_about(source, "max_response_bytes", 0)
        == must("max_response_bytes", "be > 0"));
  CHECK(complaint_about(source, "temperature", "hot")
        == must("temperature", "be a number"));
  CHECK(complaint_about(source, "ca_file", 1)
        == must("ca_file", "be a string"));
  CHECK_THAT(complaint_about(source, "ca_file", "no-such-file.pem"),
             StartsWith("option 'ca_file' of " + source.name
                        + " cannot read the certificates of "
                          "'no-such-file.pem': "));
  CHECK(complaint_about(source, "endpoint", "ftp://host")
        == "option 'endpoint' of " + source.name
             + " is no base URL: 'ftp://host' has an unsupported scheme; "
               "expected http or https");
  CHECK(complaint_about(source, "endpoint", "http://host?a=b")
        == must("endpoint", "not have a query"));
}

TEST_CASE("a source that needs a model says so", "[net][source_rows]") {
  auto source = GENERATE("ollama", "openai", "anthropic");
  auto options
    = GENERATE(json{{"api_key", "k"}}, json{{"api_key", "k"}, {"model", ""}},
               json{{"api_key", "k"}, {"model", nullptr}});
  if (std::string_view{source} == "ollama")
    options.erase("api_key");
  CHECK(failure_of(from_source(source, options)).text
        == "option 'model' of " + std::string{source} + " is required");
}

TEST_CASE("the numbers of a source are numbers", "[net][source_rows]") {
  auto source = GENERATE("ollama", "openai", "anthropic");
  json options{{"model", "m"}, {"max_tokens", 1.5}};
  CHECK(failure_of(from_source(source, options)).text
        == "option 'max_tokens' of " + std::string{source}
             + " must be an integer");
}

TEST_CASE("hosts need no option at all", "[net][source_rows]") {
  auto source = GENERATE("groq", "openrouter", "together", "mistral");
  auto options = GENERATE(json::object(), json(nullptr), json{{"endpoint", ""}},
                          json{{"endpoint", nullptr}});
  CHECK(from_source(source, options, no_variables()));
}

TEST_CASE("hosts chat unless they are told to complete", "[net][source_rows]") {
  auto source = GENERATE("groq", "openrouter", "together", "mistral");
  json options{{"use_completions_api", true}};
  CHECK_THAT(failure_of(from_source(source, options, no_variables())).text,
             ContainsSubstring("mutually exclusive"));
  options["use_chat_api"] = false;
  CHECK(from_source(source, options, no_variables()));
}

TEST_CASE("a client of one's own has its own certificates",
          "[net][source_rows]") {
  auto made = neuron::huggingface({.endpoint = "http://host",
                                   .ca_file = "some.pem",
                                   .client = make_client()});
  CHECK(failure_of(made)
        == failure{ec::bad_config, "option 'ca_file' of huggingface belongs to "
                                   "the client that was given"});
}

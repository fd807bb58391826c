// SPDX-License-Identifier: Apache-2.0
#include "support/fake_server.hpp"
#include "support/http_exchange.hpp"
#include "support/model_sources.hpp"
#include "support/neuron_run.hpp"
#include <cosmo/neuron/source.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

using namespace cosmo;
using namespace cosmo::net;
using namespace cosmo::net::test;
using Catch::Matchers::ContainsSubstring;
using neuron::from_source;

namespace {

struct keyed_source {
  std::string name;
  std::string variable;
  /// The line of the head that shows key `k-env`.
  std::string line;
};

const std::vector<keyed_source> strict_sources{
  {"openai", "OPENAI_API_KEY", "Authorization: Bearer k-env"},
  {"anthropic", "ANTHROPIC_API_KEY", "x-api-key: k-env"},
};

const std::vector<keyed_source> hosts{
  {"groq", "GROQ_API_KEY", "Authorization: Bearer k-env"},
  {"openrouter", "OPENROUTER_API_KEY", "Authorization: Bearer k-env"},
  {"together", "TOGETHER_API_KEY", "Authorization: Bearer k-env"},
  {"mistral", "MISTRAL_API_KEY", "Authorization: Bearer k-env"},
};

std::vector<keyed_source> all() {
  auto result = strict_sources;
  result.insert(result.end(), hosts.begin(), hosts.end());
  return result;
}

/// The one request of a source made with these options and variables.
std::string request_of(const std::string& source, json options,
                       const neuron::variable_lookup& variables) {
  std::vector<std::string> requests;
  fake_server server{{answer(response("200 OK", "{}"), &requests)}};
  options["endpoint"] = "http://" + server.authority();
  options["model"] = "m";
  auto neuron = from_source(source, options, variables);
  REQUIRE(neuron);
  REQUIRE(run_neuron(*neuron, {{"prompt", "p"}}));
  REQUIRE(requests.size() == 1);
  return requests[0];
}

} // namespace

TEST_CASE("a source without a key of its own takes its variable's",
          "[net][source_keys][integration]") {
  auto source = GENERATE(from_range(all()));
  CAPTURE(source.name);
  auto variables = one_variable(source.variable, "k-env");
  CHECK_THAT(request_of(source.name, {}, variables),
             ContainsSubstring("\r\n" + source.line + "\r\n"));
}

TEST_CASE("a key that is given wins over the variable",
          "[net][source_keys][integration]") {
  auto source = GENERATE(from_range(all()));
  CAPTURE(source.name);
  auto variables = one_variable(source.variable, "k-env");
  auto request = request_of(source.name, {{"api_key", "k-own"}}, variables);
  CHECK_THAT(request, ContainsSubstring("k-own"));
  CHECK_THAT(request, !ContainsSubstring("k-env"));
}

TEST_CASE("the variable is read once, when the source is made",
          "[net][source_keys]") {
  auto source = GENERATE(from_range(all()));
  CAPTURE(source.name);
  int count = 0;
  auto counting = [&](const std::string& name) {
    CHECK(name == source.variable);
    ++count;
    return std::optional<std::string>{"k-env"};
  };
  auto made = from_source(source.name, {{"model", "m"}}, counting);
  REQUIRE(made);
  CHECK(count == 1);
}

TEST_CASE("a provider that answers nobody without a key is not asked",
          "[net][source_keys]") {
  auto source = GENERATE(from_range(strict_sources));
  CAPTURE(source.name);
  json without{{"model", "m"}};
  json empty{{"model", "m"}, {"api_key", ""}};
  auto expected
    = failure{ec::bad_config, source.name
                                + " needs a key: set option 'api_key' or the "
                                  "variable "
                                + source.variable};
  CHECK(failure_of(from_source(source.name, without, no_variables()))
        == expected);
  CHECK(failure_of(
          from_source(source.name, without, one_variable(source.variable, "")))
        == expected);
  CHECK(failure_of(from_source(source.name, empty,
                               one_variable(source.variable, "k-env")))
        == expected);
}

TEST_CASE("a host without a key is asked all the same",
          "[net][source_keys][integration]") {
  auto source = GENERATE(from_range(hosts));
  CAPTURE(source.name);
  CHECK_THAT(request_of(source.name, {}, no_variables()),
             !ContainsSubstring("Authorization"));
  CHECK_THAT(request_of(source.name, {{"api_key", ""}},
                        one_variable(source.variable, "k-env")),
             !ContainsSubstring("Authorization"));
}

TEST_CASE("a variable that cannot be sent is named and not shown",
          "[net][source_keys]") {
  auto source = GENERATE(from_range(all()));
  CAPTURE(source.name);
  auto made = from_source(source.name, {{"model", "m"}},
                          one_variable(source.variable, "s3cret\n"));
  CHECK(failure_of(made)
        == failure{ec::bad_config,
                   "the key of " + source.name + " in " + source.variable
                     + " must not contain line breaks or other control "
                       "characters"});
}

TEST_CASE("a key that strayed into the endpoint is masked",
          "[net][source_keys]") {
  auto source = GENERATE(from_range(all()));
  CAPTURE(source.name);
  json options{{"model", "m"}, {"endpoint", "s3cret"}, {"api_key", "s3cret"}};
  auto [code, text]
    = failure_of(from_source(source.name, options, no_variables()));
  CHECK(code == ec::bad_config);
  CHECK_THAT(text, ContainsSubstring("option 'endpoint'"));
  CHECK_THAT(text, !ContainsSubstring("s3cret"));
}

TEST_CASE("Ollama and Hugging Face read no variable", "[net][source_keys]") {
  auto forbidden = [](const std::string&) -> std::optional<std::string> {
    FAIL("a variable was read");
    return std::nullopt;
  };
  CHECK(from_source("ollama", {{"model", "m"}}, forbidden));
  CHECK(from_source("hf", {{"endpoint", "http://host"}}, forbidden));
}

TEST_CASE("the variables of a process are those of its environment",
          "[net][source_keys]") {
  CHECK(neuron::process_variable("PATH"));
  CHECK_FALSE(neuron::process_variable("COSMO_NO_SUCH_VARIABLE"));
}

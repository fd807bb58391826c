// SPDX-License-Identifier: Apache-2.0
#include "support/fake_server.hpp"
#include "support/http_exchange.hpp"
#include "support/model_sources.hpp"
#include <cosmo/axon.hpp>
#include <cosmo/dendrite.hpp>
#include <cosmo/neuron/anthropic.hpp>
#include <cosmo/neuron/huggingface.hpp>
#include <cosmo/neuron/ollama.hpp>
#include <cosmo/neuron/openai.hpp>
#include <cosmo/runtime.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

using namespace cosmo;
using namespace cosmo::net;
using namespace cosmo::net::test;
using Catch::Matchers::ContainsSubstring;

namespace {

const axon_options greeter{.neuron_id = "greeter", .capabilities = {"chat"}};

const std::string question
  = R"({"cosmo":"clarification","question":"region?"})";

/// A chat reply with this text, for sources of all kinds.
std::string saying(const std::string& text) {
  json message{{"content", text}};
  json reply{{"response", text},
             {"message", message},
             {"content", {{{"type", "text"}, {"text", text}}}},
             {"choices", {{{"message", message}}}}};
  return response("200 OK", reply.dump());
}

/// The answer of an Axon to one TASK.
cosmo::signal ask(const axon& what) {
  runtime rt;
  auto bus = rt.connect("memory:");
  auto worker = rt.dendrite(bus, {.role = role::worker});
  REQUIRE(worker.attach_axon(what));
  auto host = rt.dendrite(bus, {.dendrite_id = "asker"});
  auto scope = running(worker, host);
  REQUIRE(scope);
  auto reply = host.dispatch_and_wait({.neuron = what.neuron_id(),
                                       .input = {{"prompt", "hi"}},
                                       .timeout = patience});
  REQUIRE(reply);
  return *reply;
}

/// The system prompt that a source's server was sent.
struct taught {
  std::string by(const std::function<axon(std::string endpoint)>& make) {
    std::vector<std::string> requests;
    fake_server server{{answer(saying("ok"), &requests)}};
    ask(make("http://" + server.authority()));
    REQUIRE(requests.size() == 1);
    auto body = json::parse(requests[0].substr(requests[0].find("\r\n\r\n")));
    if (body.contains("system"))
      return body["system"].get<std::string>();
    if (!body.contains("messages") || body["messages"][0]["role"] != "system")
      return {};
    return body["messages"][0]["content"].get<std::string>();
  }
};

const std::string lesson{cosmo_intent_system_prompt};

std::string complaint_about(const axon& what) {
  auto [code, text] = failure_of(what.check());
  CHECK(code == ec::bad_config);
  return text;
}

} // namespace

// -- recognition ------------------------------------------------------------------

TEST_CASE("an intent of a model becomes a Signal of its own",
          "[net][source_axon][integration]") {
  auto text = GENERATE(as<std::string>{}, question,
                       "Well.\n```json\n" + question + "\n```");
  fake_server server{{answer(saying(text))}};
  auto reply
    = ask(axon::openai(greeter, {.model = "m",
                                 .api_key = "k",
                                 .endpoint = "http://" + server.authority()}));
  REQUIRE(reply.type() == signal_type::CLARIFICATION);
  CHECK(reply.get_if<payload::clarification>()->question == "region?");
}

TEST_CASE("a model that is not read keeps its words",
          "[net][source_axon][integration]") {
  fake_server server{{answer(saying(question))}};
  auto reply = ask(axon::from_source(
    "ollama", greeter,
    {{"model", "m"}, {"endpoint", "http://" + server.authority()}},
    {.recognize = false}));
  REQUIRE(reply.type() == signal_type::AGENT_OUTPUT);
  CHECK(reply.output()["response"] == question);
}

TEST_CASE("every source of models is read", "[net][source_axon]") {
  auto made = [](const char* source) {
    return axon::from_source(source, greeter,
                             {{"model", "m"}, {"endpoint", "http://host"}});
  };
  auto source = GENERATE("ollama", "hf", "HuggingFace", "groq", "mistral");
  auto what = made(source);
  CHECK_FALSE(what.check());
  REQUIRE(what.options().output_parser);
  CHECK(what.options().output_parser({{"response", question}})
        == recognize_llm({{"response", question}}));
}

TEST_CASE("an Axon around a source keeps what it was given",
          "[net][source_axon]") {
  auto what = axon::openai({.neuron_id = "a",
                            .capabilities = {"x", "y"},
                            .version = "2",
                            .neuron_kind = "planner"},
                           {.model = "m", .api_key = "k"});
  CHECK_FALSE(what.check());
  CHECK(what.neuron_id() == "a");
  CHECK(what.options().capabilities == std::vector<std::string>{"x", "y"});
  CHECK(what.options().version == "2");
  CHECK(what.options().neuron_kind == "planner");
}

// -- teaching ---------------------------------------------------------------------

TEST_CASE("a model whose source has a system prompt is taught",
          "[net][source_axon][integration]") {
  taught prompt;
  CHECK(prompt.by([](std::string endpoint) {
    return axon::ollama(greeter, {.model = "m", .endpoint = endpoint});
  }) == lesson);
  CHECK(prompt.by([](std::string endpoint) {
    return axon::openai(greeter, {.model = "m",
                                  .api_key = "k",
                                  .endpoint = endpoint,
                                  .system = "Be brief."});
  }) == "Be brief.\n\n" + lesson);
  CHECK(prompt.by([](std::string endpoint) {
    return axon::anthropic(
      greeter, {.model = "m", .api_key = "k", .endpoint = endpoint});
  }) == lesson);
  CHECK(prompt.by([](std::string endpoint) {
    return axon::from_source(
      "Ollama", greeter,
      {{"model", "m"}, {"endpoint", endpoint}, {"system", "Be brief."}});
  }) == "Be brief.\n\n" + lesson);
}

TEST_CASE("others are not taught", "[net][source_axon][integration]") {
  taught prompt;
  CHECK(prompt.by([](std::string endpoint) {
    return axon::hf(greeter, {.endpoint = endpoint, .use_chat_api = true});
  }) == "");
  CHECK(prompt.by([](std::string endpoint) {
    return axon::ollama(greeter, {.model = "m", .endpoint = endpoint},
                        {.teach_intents = false});
  }) == "");
  CHECK(prompt.by([](std::string endpoint) {
    return axon::from_source("ollama", greeter,
                             {{"model", "m"}, {"endpoint", endpoint}},
                             {.recognize = false});
  }) == "");
}

TEST_CASE("a model may be taught without being read",
          "[net][source_axon][integration]") {
  taught prompt;
  CHECK(prompt.by([](std::string endpoint) {
    return axon::ollama(greeter, {.model = "m", .endpoint = endpoint},
                        {.recognize = false, .teach_intents = true});
  }) == lesson);
}

TEST_CASE("a source without a system prompt cannot be taught",
          "[net][source_axon]") {
  auto expected = "teach_intents needs a source with a system prompt, which "
                  "huggingface has not";
  CHECK(complaint_about(axon::huggingface(greeter, {.endpoint = "http://host"},
                                          {.teach_intents = true}))
        == expected);
  CHECK(complaint_about(axon::from_source("hf", greeter,
                                          {{"endpoint", "http://host"}},
                                          {.teach_intents = true}))
        == expected);
}

// -- options ----------------------------------------------------------------------

TEST_CASE("what a source refuses comes up at its Axon", "[net][source_axon]") {
  CHECK_THAT(complaint_about(axon::from_source("oracle", greeter, {})),
             ContainsSubstring("Unknown source 'oracle'"));
  CHECK(complaint_about(axon::ollama(greeter, {}))
        == "option 'model' of ollama is required");
  CHECK(complaint_about(
          axon::from_source("ollama", greeter, {{"model", "m"}, {"system", 5}}))
        == "option 'system' of ollama must be a string");
  CHECK_THAT(complaint_about(axon::from_source("ollama", greeter, json(5))),
             ContainsSubstring("must be an object"));
  CHECK_THAT(complaint_about(axon::from_source("hf", {}, {})),
             ContainsSubstring("neuron_id"));
}

TEST_CASE("the Neuron of an Axon around a source is the source's",
          "[net][source_axon]") {
  auto with_neuron = greeter;
  with_neuron.neuron = [](const json& input, const json&) { return input; };
  CHECK_THAT(complaint_about(axon::ollama(with_neuron, {.model = "m"})),
             ContainsSubstring("'neuron'"));
  auto with_parser = greeter;
  with_parser.output_parser = recognize_llm;
  CHECK_THAT(complaint_about(axon::ollama(with_parser, {.model = "m"})),
             ContainsSubstring("'output_parser'"));
}

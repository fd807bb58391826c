// SPDX-License-Identifier: Apache-2.0
#include "support/fake_server.hpp"
#include "support/http_exchange.hpp"
#include <cosmo/dendrite.hpp>
#include <cosmo/neuron/anthropic.hpp>
#include <cosmo/neuron/ollama.hpp>
#include <cosmo/neuron/openai.hpp>
#include <cosmo/neuron/tool_loop.hpp>
#include <cosmo/runtime.hpp>
#include <cosmo/served_effector.hpp>

#include <catch2/catch_test_macros.hpp>

using namespace cosmo;
using namespace cosmo::net::test;

namespace {

std::string sse(const json& event) {
  return "data: " + event.dump() + "\n\n";
}

json chat_delta(json delta) {
  return {{"choices", json::array({json{{"delta", std::move(delta)}}})}};
}

json chat_call(const json& function) {
  return chat_delta(
    {{"tool_calls", {{{"index", 0}, {"id", "c1"}, {"function", function}}}}});
}

json block_delta(int index, json delta) {
  return {{"type", "content_block_delta"},
          {"index", index},
          {"delta", std::move(delta)}};
}

json body_of(const std::string& request) {
  return json::parse(request.substr(request.find("\r\n\r\n") + 4));
}

const tool_schema add{
  .name = "add",
  .properties = {{"a", {{"type", "integer"}}}, {"b", {{"type", "integer"}}}},
  .required = {"a", "b"}};

/// An agent whose model streams these bodies, one for each round.
class streaming_loop {
public:
  explicit streaming_loop(std::vector<std::string> bodies)
    : server_{{[this, bodies = std::move(bodies)](fake_peer& peer) {
        for (const auto& body : bodies) {
          requests.push_back(peer.read_request());
          peer.write(response("200 OK", body));
        }
      }}} {
    auto tools = serve({.effector_id = "calc"});
    tools->on_tool_call("add", [](const json& args) -> json {
      return args.at("a").get<int>() + args.at("b").get<int>();
    });
    REQUIRE(worker_.attach_effector(tools));
  }

  std::string endpoint() const {
    return "http://" + server_.authority();
  }

  json run(caf::expected<any_neuron> model) {
    REQUIRE(model);
    REQUIRE(worker_.attach_axon(
      {.neuron_id = "agent",
       .neuron = neuron::tool_loop(std::move(*model)),
       .effectors
       = {{.name = "calc", .directed_id = "calc", .schemas = {add}}}}));
    REQUIRE_FALSE(worker_.start());
    REQUIRE_FALSE(asker_.start());
    auto trace = asker_.dispatch({.neuron = "agent",
                                  .input = {{"prompt", "1 + 2?"}},
                                  .timeout = patience});
    REQUIRE(trace);
    auto news = types::waking;
    news.insert(signal_type::THOUGHT_DELTA);
    for (;;) {
      auto sig = trace->wait_for(news, patience);
      REQUIRE(sig);
      auto thought = sig->get_if<payload::thought_delta>();
      if (!thought) {
        REQUIRE(sig->type() == signal_type::AGENT_OUTPUT);
        return sig->output();
      }
      thoughts.push_back(thought->delta);
    }
  }

  std::vector<std::string> requests;
  std::vector<std::string> thoughts;

private:
  fake_server server_;
  runtime rt_{{.threads = 2}};
  caf::expected<synapse> bus_ = rt_.connect("memory:");
  dendrite worker_
    = rt_.dendrite(bus_, {.dendrite_id = "worker", .role = role::worker});
  dendrite asker_ = rt_.dendrite(bus_, {.dendrite_id = "asker"});
};

using texts = std::vector<std::string>;

} // namespace

TEST_CASE("tool calls that OpenAI streams are made, and the answer streams too",
          "[net][tool_loop][integration]") {
  const std::string done = "data: [DONE]\n\n";
  streaming_loop loop{
    {sse(chat_delta({{"role", "assistant"}, {"content", "Let me"}}))
       + sse(chat_delta({{"content", " see."}}))
       + sse(chat_call({{"name", "add"}, {"arguments", ""}}))
       + sse(chat_call({{"arguments", "{\"a\":1,"}}))
       + sse(chat_call({{"arguments", "\"b\":2}"}})) + done,
     sse(chat_delta({{"content", "It is"}}))
       + sse(chat_delta({{"content", " 3."}}))
       + sse({{"choices", json::array()}, {"usage", {{"total_tokens", 9}}}})
       + done}};
  auto output = loop.run(neuron::openai({.model = "gpt-4o",
                                         .api_key = "k",
                                         .endpoint = loop.endpoint(),
                                         .stream = true}));
  CHECK(output["response"] == "It is 3.");
  CHECK(output["meta"]["usage"]["total_tokens"] == 9);
  CHECK(output["meta"]["streamed"] == true);
  CHECK(loop.thoughts == texts{"Let me", " see.", "It is", " 3."});
  REQUIRE(loop.requests.size() == 2);
  auto told = body_of(loop.requests[1]);
  CHECK(told["stream"] == true);
  REQUIRE(told["messages"].size() == 3);
  CHECK(told["messages"][1]["tool_calls"][0]
        == json::parse(R"({"id":"c1","type":"function","function":{
             "name":"add","arguments":"{\"a\":1,\"b\":2}"}})"));
  CHECK(told["messages"][2]["content"] == "3");
}

TEST_CASE("tool calls that Anthropic streams are made",
          "[net][tool_loop][integration]") {
  auto said = [](const std::string& text) {
    return sse(block_delta(0, {{"type", "text_delta"}, {"text", text}}));
  };
  auto input = [](const std::string& part) {
    return sse(
      block_delta(1, {{"type", "input_json_delta"}, {"partial_json", part}}));
  };
  const auto stop = sse({{"type", "message_stop"}});
  streaming_loop loop{{said("Hm.")
                         + sse({{"type", "content_block_start"},
                                {"index", 1},
                                {"content_block",
                                 {{"type", "tool_use"},
                                  {"id", "t1"},
                                  {"name", "add"},
                                  {"input", json::object()}}}})
                         + input("{\"a\":1") + input(",\"b\":2}") + stop,
                       said("It is") + said(" 3.") + stop}};
  auto output = loop.run(neuron::anthropic({.model = "claude-sonnet-4-6",
                                            .api_key = "k",
                                            .endpoint = loop.endpoint(),
                                            .stream = true}));
  CHECK(output["response"] == "It is 3.");
  CHECK(loop.thoughts == texts{"Hm.", "It is", " 3."});
  REQUIRE(loop.requests.size() == 2);
  auto told = body_of(loop.requests[1])["messages"];
  REQUIRE(told.size() == 3);
  CHECK(told[1]["content"][0]
        == json{{"type", "tool_use"},
                {"id", "t1"},
                {"name", "add"},
                {"input", {{"a", 1}, {"b", 2}}}});
  CHECK(told[2]["content"][0]["tool_use_id"] == "t1");
}

TEST_CASE("tool calls that Ollama streams are made",
          "[net][tool_loop][integration]") {
  auto line = [](const json& event) { return event.dump() + "\n"; };
  const json call{
    {"function", {{"name", "add"}, {"arguments", {{"a", 1}, {"b", 2}}}}}};
  streaming_loop loop{
    {line({{"message", {{"content", ""}, {"tool_calls", {call}}}}})
       + line({{"message", {{"content", ""}}}, {"done", true}}),
     line({{"message", {{"content", "3"}}}}) + line({{"done", true}})}};
  auto output = loop.run(neuron::ollama(
    {.model = "llama3", .endpoint = loop.endpoint(), .stream = true}));
  CHECK(output["response"] == "3");
  CHECK(loop.thoughts == texts{"3"});
  CHECK(loop.requests.size() == 2);
}

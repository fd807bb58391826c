// SPDX-License-Identifier: Apache-2.0
#include "support/http_exchange.hpp"
#include "support/raw_client.hpp"
#include <cosmo/memory_registry_store.hpp>
#include <cosmo/net/openai_gateway.hpp>
#include <cosmo/runtime.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <algorithm>
#include <condition_variable>
#include <future>
#include <mutex>
#include <semaphore>
#include <stdexcept>

using namespace cosmo;
using namespace cosmo::net;
using namespace cosmo::net::test;
using namespace std::literals;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;

namespace {

/// A namespace with one worker, and the gateway in front of it.
class gateway_bed {
public:
  explicit gateway_bed(openai_gateway_options options = {.timeout = patience}) {
    if (orchestrator.start() || worker.start())
      throw std::runtime_error{"the Dendrites do not start"};
    auto opened = http_server::open({}, openai_gateway{orchestrator, options});
    if (!opened)
      throw std::runtime_error{describe(opened.error())};
    server = std::move(*opened);
  }

  ~gateway_bed() {
    server->stop();
    (void)worker.stop();
    (void)orchestrator.stop();
  }

  void add(std::string neuron_id, any_neuron neuron,
           std::vector<std::string> capabilities = {"chat"}) {
    if (!worker.add_axon({.neuron_id = neuron_id,
                          .neuron = std::move(neuron),
                          .capabilities = std::move(capabilities)}))
      throw std::runtime_error{"the Axon cannot be added"};
    // The registry hears of it later than the worker.
    for (;;) {
      auto found = orchestrator.find_neurons();
      if (!found)
        throw std::runtime_error{describe(found.error())};
      for (const auto& record : *found)
        if (record.neuron_id == neuron_id)
          return;
    }
  }

  http_response ask(std::string method, std::string path,
                    std::string body = {}) {
    auto result = exchange(*client, {.method = std::move(method),
                                     .url = server->url() + path,
                                     .body = std::move(body)});
    REQUIRE(result);
    return std::move(*result);
  }

  http_response chat(const json& more) {
    json body{
      {"model", "m"},
      {"messages", json::array({json{{"role", "user"}, {"content", "Hi"}}})}};
    if (more.is_object())
      body.update(more);
    return ask("POST", "/v1/chat/completions", body.dump());
  }

  runtime rt;
  caf::expected<cosmo::synapse> bus = rt.connect("memory:");
  dendrite orchestrator = rt.dendrite(
    bus, {.name_space = "lab",
          .registry_store = std::make_shared<memory_registry_store>()});
  dendrite worker = rt.dendrite(
    bus, {.name_space = "lab", .dendrite_id = "worker", .role = role::worker});
  std::shared_ptr<http_server> server;
  std::shared_ptr<http_client> client = make_client();
};

json body_of(const http_response& response) {
  INFO(response.body);
  return json::parse(response.body);
}

/// @returns status and code.
std::pair<unsigned, json> fault_in(const http_response& response) {
  auto body = body_of(response);
  CHECK(body.size() == 1);
  const auto& error = body.at("error");
  CHECK(error.at("message").is_string());
  CHECK(error.at("type")
        == (response.status < 500 ? "invalid_request_error" : "api_error"));
  return {response.status, error.at("code")};
}

using fault_pair = std::pair<unsigned, json>;

/// The events of a stream, the last one included.
std::vector<std::string> events_of(const http_response& response) {
  CHECK(response.field("Content-Type") == "text/event-stream");
  std::vector<std::string> result;
  std::string_view rest = response.body;
  while (!rest.empty()) {
    auto end = rest.find("\n\n");
    REQUIRE(end != rest.npos);
    REQUIRE(rest.starts_with("data: "));
    result.emplace_back(rest.substr(6, end - 6));
    rest.remove_prefix(end + 2);
  }
  return result;
}

std::string text_of(const std::vector<std::string>& events) {
  std::string result;
  for (const auto& event : events) {
    if (event == "[DONE]")
      continue;
    auto chunk = json::parse(event);
    for (const auto& choice : chunk.value("choices", json::array()))
      result += choice.at("delta").value("content", "");
  }
  return result;
}

any_neuron says(json output) {
  return [output](const json&, const json&) { return output; };
}

/// Thinks these deltas, then answers.
any_neuron thinks(std::vector<std::string> deltas, json output) {
  return [=](const json&, const json&, const neuron_io& io) {
    for (const auto& delta : deltas)
      io.think(delta);
    return output;
  };
}

/// Waits until somebody stops the trace.
json wait_for_stop(const neuron_io& io) {
  std::mutex mutex;
  std::unique_lock guard{mutex};
  std::condition_variable_any never;
  never.wait(guard, io.stop_token(), [] { return false; });
  return nullptr;
}

} // namespace

// -- models ---------------------------------------------------------------------

TEST_CASE("the models are the live Neurons that can chat",
          "[net][openai_gateway][integration]") {
  gateway_bed bed;
  bed.add("a", says({}), {"chat", "other"});
  bed.add("b/c d", says({}), {"text-generation"});
  bed.add("sum", says({}), {"arithmetic"});
  auto list = body_of(bed.ask("GET", "/v1/models"));
  CHECK(list.at("object") == "list");
  REQUIRE(list.at("data").size() == 2);
  const auto& first = list.at("data").at(0);
  CHECK(first.at("id") == "a");
  CHECK(first.at("object") == "model");
  CHECK(first.at("owned_by") == "lab");
  CHECK(first.at("created").is_number_integer());
  CHECK(body_of(bed.ask("GET", "/v1/models/b%2Fc%20d")).at("id") == "b/c d");
  auto missing = fault_pair{404, "model_not_found"};
  CHECK(fault_in(bed.ask("GET", "/v1/models/sum")) == missing);
  CHECK(fault_in(bed.ask("GET", "/v1/models/nobody")) == missing);
}

TEST_CASE("a Dendrite without a registry store cannot list models",
          "[net][openai_gateway][integration]") {
  runtime rt;
  auto bus = rt.connect("memory:");
  auto orchestrator = rt.dendrite(bus);
  auto scope = running(orchestrator);
  auto server = http_server::open({}, openai_gateway{orchestrator});
  REQUIRE(server);
  auto result = exchange(
    *make_client(), {.method = "GET", .url = (*server)->url() + "/v1/models"});
  REQUIRE(result);
  CHECK(fault_in(*result) == fault_pair{500, "no_registry_store"});
}

TEST_CASE("what is not there, or not allowed, is said in OpenAI's shape",
          "[net][openai_gateway][integration]") {
  gateway_bed bed;
  CHECK(fault_in(bed.ask("GET", "/")) == fault_pair{404, "not_found"});
  CHECK(fault_in(bed.ask("GET", "/v1/modelsx"))
        == fault_pair{404, "not_found"});
  auto wrong = bed.ask("GET", "/v1/chat/completions");
  CHECK(fault_in(wrong) == fault_pair{405, "method_not_allowed"});
  CHECK(wrong.field("Allow") == "POST");
  auto options = bed.ask("OPTIONS", "/v1/models");
  CHECK(options.status == 204);
  CHECK(options.field("Allow") == "GET");
}

// -- whole answers ----------------------------------------------------------------

TEST_CASE("a completion has the Neuron's text and what its source counted",
          "[net][openai_gateway][integration]") {
  gateway_bed bed;
  json usage{
    {"prompt_tokens", 1}, {"completion_tokens", 2}, {"total_tokens", 3}};
  bed.add("m", says({{"response", "Hello"}, {"meta", {{"usage", usage}}}}));
  auto response = bed.chat({});
  CHECK(response.status == 200);
  CHECK(response.field("Content-Type") == "application/json");
  auto body = body_of(response);
  CHECK_THAT(body.at("id").get<std::string>(), StartsWith("chatcmpl-"));
  CHECK(body.at("object") == "chat.completion");
  CHECK(body.at("model") == "m");
  CHECK(body.at("created").get<int64_t>() > 0);
  CHECK(body.at("usage") == usage);
  REQUIRE(body.at("choices").size() == 1);
  const auto& choice = body.at("choices").at(0);
  CHECK(choice.at("index") == 0);
  CHECK(choice.at("message")
        == json{{"role", "assistant"}, {"content", "Hello"}});
  CHECK(choice.at("finish_reason") == "stop");
}

TEST_CASE("messages and tools reach the Neuron as they are",
          "[net][openai_gateway][integration]") {
  gateway_bed bed;
  bed.add("m", [](const json& input, const json&) -> json {
    return {{"response", input.dump()}};
  });
  auto content_of = [](const http_response& response) {
    auto body = body_of(response);
    return json::parse(
      body.at("choices").at(0).at("message").at("content").get<std::string>());
  };
  auto messages = json::array(
    {json{{"role", "system"}, {"content", json::array({json{{"text", "x"}}})}},
     json{{"role", "user"}, {"content", "Grüße"}, {"name", "u"}}});
  auto tools = json::array({json{{"type", "function"}}});
  CHECK(content_of(bed.chat({{"messages", messages}}))
        == json{{"messages", messages}});
  CHECK(content_of(bed.chat(
          {{"messages", messages}, {"tools", tools}, {"temperature", 0.5}}))
        == json{{"messages", messages}, {"tools", tools}});
  CHECK(content_of(bed.chat({{"messages", messages}, {"tools", json::array()}}))
        == json{{"messages", messages}});
}

TEST_CASE("what the Neuron says otherwise has its place",
          "[net][openai_gateway][integration]") {
  gateway_bed bed;
  SECTION("an output without a response is given as JSON") {
    bed.add("m", says({{"total", 42}}));
    CHECK(body_of(bed.chat({})).at("choices").at(0).at("message").at("content")
          == R"({"total":42})");
  }
  SECTION("tool calls and finish reason are those of the provider") {
    auto calls = json::array({json{{"id", "c1"}, {"type", "function"}}});
    json choice{{"message", {{"content", nullptr}, {"tool_calls", calls}}},
                {"finish_reason", "tool_calls"}};
    bed.add("m", says({{"response", ""},
                       {"meta", {{"choices", json::array({choice})}}}}));
    auto whole = body_of(bed.chat({})).at("choices").at(0);
    CHECK(whole.at("message").at("tool_calls") == calls);
    CHECK(whole.at("finish_reason") == "tool_calls");
    auto events = events_of(bed.chat({{"stream", true}}));
    REQUIRE(events.size() == 4);
    CHECK(
      json::parse(events[1]).at("choices").at(0).at("delta").at("tool_calls")
      == json::array({json{{"id", "c1"}, {"type", "function"}, {"index", 0}}}));
  }
  SECTION("other providers' counts are translated") {
    bed.add("m",
            says({{"response", "x"},
                  {"meta",
                   {{"usage", {{"input_tokens", 4}, {"output_tokens", 5}}}}}}));
    CHECK(body_of(bed.chat({})).at("usage")
          == json{{"prompt_tokens", 4},
                  {"completion_tokens", 5},
                  {"total_tokens", 9}});
  }
  SECTION("a question is the answer") {
    bed.add("m", says({{"__clarification__", true}, {"question", "Which?"}}));
    CHECK(body_of(bed.chat({})).at("choices").at(0).at("message").at("content")
          == "Which?");
  }
  SECTION("nobody can give a permission here") {
    bed.add("m", says({{"__permission__", true},
                       {"action", "delete"},
                       {"reason", "old"}}));
    auto response = bed.chat({});
    CHECK(fault_in(response) == fault_pair{403, "permission_required"});
    CHECK(body_of(response).at("error").at("message")
          == "permission needed: delete (old)");
  }
  SECTION("an ERROR is a bad gateway") {
    bed.add(
      "m",
      says({{"__error__", true}, {"code", "TIRED"}, {"message", "not today"}}));
    auto response = bed.chat({});
    CHECK(fault_in(response) == fault_pair{502, "TIRED"});
    CHECK(body_of(response).at("error").at("message") == "not today");
    CHECK(fault_in(bed.chat({{"stream", true}})) == fault_pair{502, "TIRED"});
  }
}

TEST_CASE("a request that makes no sense is not dispatched",
          "[net][openai_gateway][integration]") {
  gateway_bed bed;
  bed.add("m", says({{"response", "never"}}));
  auto bad = fault_pair{400, nullptr};
  auto post = [&](std::string body) {
    return bed.ask("POST", "/v1/chat/completions", std::move(body));
  };
  CHECK(fault_in(post("")) == bad);
  CHECK(fault_in(post("{")) == bad);
  CHECK(fault_in(post("[]")) == bad);
  CHECK(fault_in(post(std::string(100'000, '['))) == bad);
  CHECK(fault_in(bed.chat({{"model", nullptr}})) == bad);
  CHECK(fault_in(bed.chat({{"model", ""}})) == bad);
  CHECK(fault_in(bed.chat({{"messages", json::array()}})) == bad);
  CHECK(fault_in(bed.chat({{"messages", "Hi"}})) == bad);
  CHECK(fault_in(bed.chat({{"messages", json::array({"Hi"})}})) == bad);
  CHECK(fault_in(bed.chat({{"tools", "hammer"}})) == bad);
  CHECK(fault_in(bed.chat({{"stream", "yes"}})) == bad);
  CHECK(fault_in(bed.chat({{"n", 2}})) == bad);
  CHECK(body_of(bed.chat({{"n", 2}})).at("error").at("param") == "n");
  CHECK(fault_in(bed.chat({{"model", "nobody"}}))
        == fault_pair{404, "model_not_found"});
}

// -- streamed answers ---------------------------------------------------------------

TEST_CASE("each delta is a piece of the streamed text",
          "[net][openai_gateway][integration]") {
  gateway_bed bed;
  bed.add("m", thinks({"Hel", "lo"}, {{"response", "Hello"}}));
  auto response = bed.chat({{"stream", true}});
  CHECK(response.status == 200);
  auto events = events_of(response);
  REQUIRE(events.size() == 5);
  auto choice = [&](size_t i) {
    auto chunk = json::parse(events.at(i));
    CHECK(chunk.at("object") == "chat.completion.chunk");
    CHECK(chunk.at("id") == json::parse(events[0]).at("id"));
    CHECK(chunk.at("created") == json::parse(events[0]).at("created"));
    CHECK(chunk.at("model") == "m");
    CHECK_FALSE(chunk.contains("usage"));
    return chunk.at("choices").at(0);
  };
  CHECK(choice(0).at("delta") == json{{"role", "assistant"}, {"content", ""}});
  CHECK(choice(1).at("delta") == json{{"content", "Hel"}});
  CHECK(choice(1).at("finish_reason").is_null());
  CHECK(choice(2).at("delta") == json{{"content", "lo"}});
  CHECK(choice(3).at("delta") == json::object());
  CHECK(choice(3).at("finish_reason") == "stop");
  CHECK(events[4] == "[DONE]");
}

TEST_CASE("the whole text arrives whatever the deltas said",
          "[net][openai_gateway][integration]") {
  gateway_bed bed;
  SECTION("nothing") {
    bed.add("m", says({{"response", "Hello"}}));
    CHECK(text_of(events_of(bed.chat({{"stream", true}}))) == "Hello");
  }
  SECTION("a part of it") {
    bed.add("m", thinks({"Hel"}, {{"response", "Hello"}}));
    CHECK(text_of(events_of(bed.chat({{"stream", true}}))) == "Hello");
  }
  SECTION("something else") {
    bed.add("m", thinks({"hm..."}, {{"response", "Hello"}}));
    CHECK(text_of(events_of(bed.chat({{"stream", true}}))) == "hm...\n\nHello");
  }
}

TEST_CASE("a client that is slower than the Neuron gets the whole text",
          "[net][openai_gateway][integration]") {
  constexpr int count = 200;
  // A letter that nothing around the text has.
  const std::string word(64 * 1024, 'q');
  std::counting_semaphore<> is_said{0};
  gateway_bed bed{{.timeout = patience, .replay_cap = 4}};
  bed.add("m", [&](const json&, const json&, const neuron_io& io) -> json {
    std::string response;
    for (int i = 0; i < count; ++i) {
      auto delta = std::to_string(i) + word;
      io.think(delta);
      response += delta;
    }
    is_said.release();
    return {{"response", response}};
  });
  raw_client client{bed.server->port()};
  client.write(
    raw_post("/v1/chat/completions",
             R"({"model":"m","stream":true,"messages":[{"role":"u"}]})",
             "Connection: close\r\n"));
  REQUIRE(is_said.try_acquire_for(patience));
  auto all = client.read_to_end();
  size_t place = 0;
  for (int i = 0; i < count && place != all.npos; ++i)
    place = all.find(std::to_string(i) + "qqq", place);
  CHECK(place != all.npos);
  CHECK(std::count(all.begin(), all.end(), 'q') == count * 64 * 1024);
}

TEST_CASE("usage comes last where it is wanted",
          "[net][openai_gateway][integration]") {
  gateway_bed bed;
  bed.add("m", says({{"response", "x"},
                     {"meta", {{"prompt_eval_count", 1}, {"eval_count", 2}}}}));
  auto events = events_of(bed.chat(
    {{"stream", true}, {"stream_options", {{"include_usage", true}}}}));
  REQUIRE(events.size() == 5);
  CHECK(json::parse(events[1]).at("usage").is_null());
  auto last = json::parse(events[3]);
  CHECK(last.at("choices").empty());
  CHECK(last.at("usage").at("total_tokens") == 3);
  CHECK(events[4] == "[DONE]");
}

TEST_CASE("an ERROR after the first piece ends the stream by its name",
          "[net][openai_gateway][integration]") {
  gateway_bed bed;
  bed.add("m", [](const json&, const json&, const neuron_io& io) -> json {
    io.think("Hel");
    throw std::runtime_error{"oops"};
  });
  auto events = events_of(bed.chat({{"stream", true}}));
  REQUIRE(events.size() == 3);
  CHECK(json::parse(events[2]).at("error")
        == json{{"message", "oops"},
                {"type", "api_error"},
                {"param", nullptr},
                {"code", "NEURON_EXCEPTION"}});
}

// -- time, and clients that go away ----------------------------------------------

TEST_CASE("an answer that takes too long is given up, and its trace stopped",
          "[net][openai_gateway][integration]") {
  std::counting_semaphore<> is_stopped{0};
  gateway_bed bed{{.timeout = 50ms}};
  bed.add("m", [&](const json&, const json&, const neuron_io& io) {
    auto result = wait_for_stop(io);
    is_stopped.release();
    return result;
  });
  CHECK(fault_in(bed.chat({})) == fault_pair{504, "timeout"});
  CHECK(fault_in(bed.chat({{"stream", true}})) == fault_pair{504, "timeout"});
  CHECK(is_stopped.try_acquire_for(patience));
  CHECK(is_stopped.try_acquire_for(patience));
}

TEST_CASE("a client that goes away stops the trace",
          "[net][openai_gateway][integration]") {
  std::counting_semaphore<> is_stopped{0};
  gateway_bed bed;
  bed.add("m", [&](const json&, const json&, const neuron_io& io) {
    io.think("so far");
    auto result = wait_for_stop(io);
    is_stopped.release();
    return result;
  });
  raw_client client{bed.server->port()};
  client.write(
    raw_post("/v1/chat/completions",
             R"({"model":"m","stream":true,"messages":[{"role":"user"}]})"));
  CHECK_THAT(client.read_until("so far"), ContainsSubstring("so far"));
  client.reset();
  CHECK(is_stopped.try_acquire_for(patience));
}

TEST_CASE("a client that goes away while it is written to does so, too",
          "[net][openai_gateway][integration]") {
  std::counting_semaphore<> is_stopped{0};
  gateway_bed bed;
  bed.add("m", [&](const json&, const json&, const neuron_io& io) {
    for (std::string much(64 * 1024, 'x'); !io.stop_token().stop_requested();) {
      // As fast as the bus takes it, which is faster than any client.
      std::promise<void> taken;
      io.think(much, [&](const caf::error&) { taken.set_value(); });
      taken.get_future().wait();
    }
    is_stopped.release();
    return json{{"response", "never read"}};
  });
  for (int i = 0; i < 20; ++i) {
    raw_client client{bed.server->port()};
    client.write(
      raw_post("/v1/chat/completions",
               R"({"model":"m","stream":true,"messages":[{"role":"user"}]})"));
    CHECK_THAT(client.read_until("xxxx"), ContainsSubstring("xxxx"));
    client.reset();
    REQUIRE(is_stopped.try_acquire_for(patience));
  }
}

TEST_CASE("what several rounds have said is not said again",
          "[net][openai_gateway][integration]") {
  gateway_bed bed;
  bed.add("m", [&](const json&, const json&, const neuron_io& io) {
    io.think("let me see. ");
    io.think("It is 5");
    return json{{"response", "It is 5"}};
  });
  raw_client client{bed.server->port()};
  client.write(
    raw_post("/v1/chat/completions",
             R"({"model":"m","stream":true,"messages":[{"role":"user"}]})"));
  auto all = client.read_until("[DONE]");
  CHECK_THAT(all, ContainsSubstring("let me see. "));
  auto first = all.find("It is 5");
  REQUIRE(first != all.npos);
  CHECK(all.find("It is 5", first + 1) == all.npos);
}

TEST_CASE("stopping the server stops what is under way",
          "[net][openai_gateway][integration]") {
  std::counting_semaphore<> is_begun{0};
  gateway_bed bed;
  bed.add("m", [&](const json&, const json&, const neuron_io& io) {
    is_begun.release();
    return wait_for_stop(io);
  });
  raw_client client{bed.server->port()};
  client.write(raw_post("/v1/chat/completions",
                        R"({"model":"m","messages":[{"role":"user"}]})"));
  REQUIRE(is_begun.try_acquire_for(patience));
  bed.server->stop(10ms);
  CHECK(client.is_closed());
}

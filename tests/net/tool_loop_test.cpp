// SPDX-License-Identifier: Apache-2.0
#include <cosmo/neuron/huggingface.hpp>
#include <cosmo/neuron/tool_loop.hpp>
#include <cosmo/runtime.hpp>
#include <cosmo/served_effector.hpp>
#include <cosmo/testing/simulation.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <algorithm>

using namespace cosmo;
using namespace std::literals;

namespace {

json calls_for(std::vector<std::pair<std::string, json>> wanted) {
  auto calls = json::array();
  for (auto& [tool, args] : wanted)
    calls.push_back(
      {{"id", "c" + std::to_string(calls.size())},
       {"type", "function"},
       {"function", {{"name", tool}, {"arguments", args.dump()}}}});
  return {
    {"response", ""},
    {"meta",
     {{"choices", json::array({json{{"message", {{"tool_calls", calls}}}}})}}}};
}

json text(std::string words) {
  return {{"response", std::move(words)}, {"meta", json::object()}};
}

/// A model that says what it was told to, one answer after another.
struct scripted {
  std::vector<caf::expected<json>> answers;
  std::vector<json> asked;

  static any_neuron model(const std::shared_ptr<scripted>& me) {
    return neuron::async([me](const json& input, const json&, neuron_io,
                              neuron_promise done) {
             me->asked.push_back(input);
             auto n = me->asked.size() - 1;
             if (n >= me->answers.size())
               throw std::runtime_error{"nothing left to say"};
             auto& answer = me->answers[n];
             answer ? done.deliver(*answer) : done.fail(answer.error());
           })
      .asks({.source = "openai", .model = "gpt-4o"});
  }
};

struct loop_fixture {
  loop_fixture() {
    auto note = [this](const signal& sig) { traffic.push_back(sig); };
    REQUIRE(bus.subscribe("cosmonapse.>", note));
    auto tools = serve(effector_description{.effector_id = "calc"});
    tools->on_tool_call("add", [](const json& args) -> json {
      return args.at("a").get<int>() + args.at("b").get<int>();
    });
    tools->on_tool_call(
      "fail", [](const json&) -> json { throw std::runtime_error{"no"}; });
    REQUIRE(worker.attach_effector(tools));
    REQUIRE(!from.start());
  }

  signal run(neuron::tool_loop_options options = {},
             std::string directed_id = "calc", json input = {{"prompt", "p"}}) {
    REQUIRE(worker.attach_axon(
      {.neuron_id = "agent",
       .neuron = neuron::tool_loop(scripted::model(model), options),
       .effectors = {{.name = "calculator",
                      .directed_id = std::move(directed_id),
                      .default_deadline = 100ms,
                      .schemas = {{.name = "add",
                                   .properties = {{"a", {{"type", "integer"}}},
                                                  {"b", {{"type", "integer"}}}},
                                   .required = {"a", "b"}}}}}}));
    REQUIRE(!worker.start());
    auto reply = from.dispatch_and_wait(
      {.neuron = "agent", .input = std::move(input), .timeout = 60s});
    REQUIRE(reply);
    return *reply;
  }

  std::string story() const {
    std::string result;
    for (auto& sig : traffic)
      if (sig.type() == signal_type::TOOL_CALL
          || sig.type() == signal_type::TOOL_RESULT)
        result += sig.type() == signal_type::TOOL_CALL ? 'C' : 'R';
    return result;
  }

  /// Outlives the simulation, which has something to say when it ends.
  std::vector<signal> traffic;
  testing::simulation sim;
  synapse bus = *sim.runtime().connect("memory:");
  dendrite worker = sim.runtime().dendrite(
    bus, {.dendrite_id = "worker", .role = role::worker});
  dendrite from = sim.runtime().dendrite(bus, {});
  std::shared_ptr<scripted> model = std::make_shared<scripted>();
};

} // namespace

TEST_CASE_METHOD(loop_fixture, "the loop calls tools until the model answers",
                 "[net][tool_loop]") {
  model->answers
    = {calls_for({{"add", {{"a", 1}, {"b", 2}}}}),
       calls_for({{"add", {{"a", 3}, {"b", 4}}}}), text("it is 7")};
  auto reply = run();
  REQUIRE(reply.type() == signal_type::AGENT_OUTPUT);
  CHECK(reply.output() == text("it is 7"));
  REQUIRE(model->asked.size() == 3);
  CHECK(model->asked[0].at("prompt") == "p");
  CHECK(model->asked[0].at("tools").size() == 1);
  auto& told = model->asked[2].at("messages");
  REQUIRE(told.size() == 5);
  CHECK(told[0] == json{{"role", "user"}, {"content", "p"}});
  CHECK(told[1].at("tool_calls")[0].at("id") == "c0");
  CHECK(told[2]
        == json{{"role", "tool"}, {"tool_call_id", "c0"}, {"content", "3"}});
  CHECK(told[4].at("content") == "7");
  CHECK(model->asked[2].at("tools") == model->asked[0].at("tools"));
  // On the bus, on the TASK's trace, for everybody to see.
  CHECK(story() == "CRCR");
  for (auto& sig : traffic)
    if (sig.type() == signal_type::TOOL_CALL) {
      CHECK(sig.trace_id() == reply.trace_id());
      CHECK(sig.parent_id() == reply.parent_id());
    }
}

TEST_CASE_METHOD(loop_fixture, "a model that needs no tools just answers",
                 "[net][tool_loop]") {
  model->answers = {text("hello")};
  CHECK(run().output() == text("hello"));
  CHECK(story().empty());
}

TEST_CASE_METHOD(loop_fixture, "a conversation goes on where it was",
                 "[net][tool_loop]") {
  model->answers = {calls_for({{"add", {{"a", 1}, {"b", 2}}}}), text("3")};
  auto messages = json::array({json{{"role", "system"}, {"content", "s"}},
                               json{{"role", "user"}, {"content", "q"}}});
  run({}, "calc", {{"messages", messages}, {"other", 1}});
  REQUIRE(model->asked.size() == 2);
  auto& told = model->asked[1].at("messages");
  REQUIRE(told.size() == 4);
  CHECK(told[0] == messages[0]);
  CHECK(told[1] == messages[1]);
  CHECK(model->asked[1].at("other") == 1);
}

TEST_CASE_METHOD(loop_fixture, "the model hears of every failure of its tools",
                 "[net][tool_loop]") {
  model->answers = {calls_for({{"fail", json::object()},
                               {"add", {{"a", 1}}},
                               {"unknown", json::object()}}),
                    text("sorry")};
  CHECK(run().output() == text("sorry"));
  auto& told = model->asked.at(1).at("messages");
  REQUIRE(told.size() == 5);
  CHECK(told[2].at("content") == "error: effector_exception: no");
  CHECK(told[3].at("content")
        == "error: bad arguments of 'add': missing required argument(s): b");
  CHECK(told[4].at("content") == "error: unhandled tool 'unknown'");
}

TEST_CASE_METHOD(loop_fixture,
                 "an Effector that is not there is a failure, too",
                 "[net][tool_loop]") {
  model->answers = {calls_for({{"add", {{"a", 1}, {"b", 2}}}}), text("sorry")};
  CHECK(run({}, "nowhere").output() == text("sorry"));
  CHECK(model->asked.at(1).at("messages")[2].at("content")
        == "error: EffectorTimeout: no answer in time from nowhere for 'add'");
}

TEST_CASE_METHOD(loop_fixture, "calls are made one by one, or all at once",
                 "[net][tool_loop]") {
  json sum{{"a", 1}, {"b", 2}};
  model->answers
    = {calls_for({{"add", sum}, {"add", sum}, {"add", sum}}), text("9")};
  SECTION("one by one") {
    run();
    CHECK(story() == "CRCRCR");
  }
  SECTION("all at once") {
    run({.concurrent = true});
    CHECK(story().starts_with("CC"));
    CHECK(std::ranges::count(story(), 'R') == 3);
  }
  // In the order of the calls in any case.
  auto& told = model->asked.at(1).at("messages");
  REQUIRE(told.size() == 5);
  for (size_t i = 0; i < 3; ++i)
    CHECK(told[i + 2].at("tool_call_id") == "c" + std::to_string(i));
}

TEST_CASE_METHOD(loop_fixture, "there is a limit on rounds",
                 "[net][tool_loop]") {
  for (int i = 0; i < 10; ++i)
    model->answers.push_back(calls_for({{"add", {{"a", 1}, {"b", 2}}}}));
  auto reply = run({.max_rounds = 2});
  auto failure = reply.get_if<payload::error>();
  REQUIRE(failure);
  CHECK(failure->code == "NEURON_EXCEPTION");
  CHECK(failure->message
        == "the model still asks for tools after 2 rounds: add");
  CHECK(story() == "CRCR");
  CHECK(model->asked.size() == 3);
}

TEST_CASE_METHOD(loop_fixture, "a flood of calls is cut, and the model told so",
                 "[net][tool_loop]") {
  model->answers = {calls_for(std::vector<std::pair<std::string, json>>(
                      1'000, {"nobody", json::object()})),
                    text("well")};
  CHECK(run().output() == text("well"));
  auto& told = model->asked.at(1).at("messages");
  REQUIRE(told.size() == 1'002);
  CHECK(told.back().at("content")
        == "error: not made: more than 64 calls at once");
  CHECK(story().size() == 128);
}

TEST_CASE_METHOD(loop_fixture, "a model that fails, fails the Neuron",
                 "[net][tool_loop]") {
  auto after_its_tools = GENERATE(false, true);
  CAPTURE(after_its_tools);
  if (after_its_tools)
    model->answers.push_back(calls_for({{"add", {{"a", 1}, {"b", 2}}}}));
  model->answers.push_back(make_error(ec::http_status, "HTTP 500"));
  auto reply = run();
  auto failure = reply.get_if<payload::error>();
  REQUIRE(failure);
  CHECK(failure->message == "HTTP 500");
}

TEST_CASE_METHOD(loop_fixture, "a model that throws does, too",
                 "[net][tool_loop]") {
  model->answers = {calls_for({{"add", {{"a", 1}, {"b", 2}}}})};
  auto reply = run();
  auto failure = reply.get_if<payload::error>();
  REQUIRE(failure);
  CHECK(failure->message == "nothing left to say");
}

TEST_CASE_METHOD(loop_fixture, "a model that writes its calls is told in texts",
                 "[net][tool_loop]") {
  model->answers = {
    text(R"(<tool_call>{"name":"add","arguments":{"a":1,"b":2}}</tool_call>)"),
    text("3")};
  CHECK(run({.tool_standard = "HERMES"}).output() == text("3"));
  auto& told = model->asked.at(1).at("messages");
  REQUIRE(told.size() == 3);
  CHECK(told[2].at("role") == "user");
  CHECK(told[2].at("content")
        == "<tool_response>\n{\"name\":\"add\",\"content\":\"3\"}\n"
           "</tool_response>");
}

TEST_CASE_METHOD(loop_fixture, "a STOP ends the loop", "[net][tool_loop]") {
  model->answers = {calls_for({{"add", {{"a", 1}, {"b", 2}}}}), text("never")};
  REQUIRE(worker.attach_axon(
    {.neuron_id = "agent",
     .neuron = neuron::tool_loop(scripted::model(model)),
     .effectors = {{.name = "x", .directed_id = "nowhere"}}}));
  REQUIRE(!worker.start());
  auto path = from.dispatch(
    {.neuron = "agent", .input = {{"prompt", "p"}}, .trace_id = "trc_t"});
  REQUIRE(path);
  sim.run();
  REQUIRE(from.emit_stop("trc_t"));
  sim.run();
  CHECK(model->asked.size() == 1);
  for (auto& sig : traffic)
    CHECK(sig.type() != signal_type::AGENT_OUTPUT);
}

TEST_CASE("a loop needs an asynchronous model and at least one round",
          "[net][tool_loop]") {
  auto fault = [](const any_neuron& made) { return describe(made.fault()); };
  auto model = scripted::model(std::make_shared<scripted>());
  CHECK(fault(neuron::tool_loop(
          any_neuron{[](const json&, const json&) -> json { return 1; }}))
        == "bad_config: tool_loop: the model must be an asynchronous Neuron, "
           "as sources are");
  CHECK(fault(neuron::tool_loop(model, {.max_rounds = 0}))
        == "bad_config: tool_loop: max_rounds must be at least 1");
  CHECK(fault(neuron::tool_loop(model, {.tool_standard = "smoke"}))
          .starts_with("bad_config: unknown tool_standard 'smoke'"));
  CHECK(fault(neuron::tool_loop(neuron::huggingface({})))
          .starts_with("bad_config: "));
  auto made = neuron::tool_loop(neuron::huggingface(
    {.endpoint = "http://127.0.0.1:1", .model = "Qwen2.5"}));
  CHECK_FALSE(made.fault());
  REQUIRE(made.model());
  CHECK(made.model()->standard() == tool_standard::hermes);
}

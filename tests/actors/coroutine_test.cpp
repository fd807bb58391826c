// SPDX-License-Identifier: Apache-2.0
#include "environment.hpp"
#include "support/bed.hpp"
#include "support/odd_engram.hpp"
#include <cosmo/coroutine.hpp>
#include <cosmo/served_effector.hpp>

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <stdexcept>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

namespace {

/// Counts how many of it there are, in frames that must not be leaked.
class counted {
public:
  explicit counted(int& count) : count_(&count) {
    ++*count_;
  }

  counted(const counted& other) : counted(*other.count_) {
    // nop
  }

  counted& operator=(const counted&) = delete;

  ~counted() {
    --*count_;
  }

private:
  int* count_;
};

struct coroutine_fixture : bed {
  /// Serves a Neuron that may use the Engram `odd` as `memory`.
  dendrite hosting(any_neuron body, size_t concurrency = 32) {
    auto result = orchestrator("host");
    REQUIRE(result.attach_engram(odd));
    REQUIRE(result.attach_axon(
      {.neuron_id = "a",
       .neuron = std::move(body),
       .concurrency = concurrency,
       .engrams = {{.name = "memory", .directed_id = "odd"}}}));
    REQUIRE_FALSE(result.start());
    return result;
  }

  caf::expected<signal> ask(json input = json::object()) {
    return from.dispatch_and_wait({.neuron = "a", .input = std::move(input)});
  }

  caf::expected<signal> ask(any_neuron body) {
    auto host = hosting(std::move(body));
    auto reply = ask();
    REQUIRE_FALSE(host.stop());
    return reply;
  }

  /// Actors that are no idle workers.
  size_t busy_actors() {
    sim.run();
    return sim.actors_alive() - sim.runtime().environment()->idle_workers();
  }

  int alive = 0;
  std::shared_ptr<odd_engram> odd = std::make_shared<odd_engram>();
  dendrite from = orchestrator();
};

task<json> echo_later(json input, json, coroutine_io io) {
  co_await io.sleep(1s);
  co_return json(input);
}

} // namespace

TEST_CASE_METHOD(coroutine_fixture, "a coroutine is a Neuron",
                 "[actors][coroutine]") {
  auto host = hosting(echo_later);
  auto reply = ask({{"x", 1}});
  REQUIRE(outcome_of(reply) == "AGENT_OUTPUT");
  CHECK(reply->output() == json{{"x", 1}});
}

TEST_CASE_METHOD(coroutine_fixture, "a coroutine may leave out its io",
                 "[actors][coroutine]") {
  auto reply = ask([](const json&, const json& context) -> task<json> {
    co_return json{{"context", context}};
  });
  REQUIRE(outcome_of(reply) == "AGENT_OUTPUT");
  CHECK(reply->output() == json{{"context", json::array()}});
}

TEST_CASE_METHOD(coroutine_fixture, "a coroutine awaits tools",
                 "[actors][coroutine]") {
  auto tools = serve(effector_description{.effector_id = "calculator"});
  tools->on_tool_call("half", [](const json& args) -> json {
    auto x = args.at("x").get<int>();
    if (x % 2 != 0)
      throw std::runtime_error{"odd"};
    return x / 2;
  });
  auto halve = [](json input, json, coroutine_io io) -> task<json> {
    json args{{"x", input["x"]}};
    const call_tool_options quickly{.deadline = 1s};
    auto once = co_await io.call_tool("calc", "half", args, quickly);
    json odd_args{{"x", 3}};
    auto twice = co_await io.call_tool("calc", "half", odd_args);
    auto nowhere = co_await io.call_tool("abacus", "half", args);
    co_return json{
      {"once", once->result},
      {"twice", twice->error.value_or("")},
      {"nowhere", to_string(static_cast<ec>(nowhere.error().code()))}};
  };
  auto host = orchestrator("host");
  REQUIRE(host.attach_effector(tools));
  REQUIRE(host.attach_axon(
    {.neuron_id = "a",
     .neuron = halve,
     .effectors = {{.name = "calc", .directed_id = "calculator"}},
     .tool_standard = "auto"}));
  REQUIRE_FALSE(host.start());
  auto reply = ask({{"x", 8}});
  REQUIRE(outcome_of(reply) == "AGENT_OUTPUT");
  CHECK(reply->output()
        == json{{"once", 4},
                {"twice", "effector_exception: odd"},
                {"nowhere", "effector_not_bound"}});
  CHECK(traffic(signal_type::TOOL_CALL).size() == 2);
}

TEST_CASE_METHOD(coroutine_fixture,
                 "arguments taken by reference outlive a coroutine",
                 "[actors][coroutine]") {
  auto host = hosting(
    [text = std::string(100, 'x')](const json& input, const json&,
                                   const coroutine_io& io) -> task<json> {
      co_await io.sleep(1s);
      json result{{"input", input}, {"text", text}};
      co_await io.sleep(1s);
      result["task"] = io.scope().task_id;
      co_return result;
    });
  auto reply = ask({{"long", std::string(100, 'y')}});
  REQUIRE(outcome_of(reply) == "AGENT_OUTPUT");
  CHECK(reply->output()["input"]["long"] == std::string(100, 'y'));
  CHECK(reply->output()["text"] == std::string(100, 'x'));
  CHECK(reply->output()["task"] == *reply->parent_id());
}

TEST_CASE_METHOD(coroutine_fixture, "what a coroutine throws is its failure",
                 "[actors][coroutine]") {
  auto reply = ask([](json, json, coroutine_io io) -> task<json> {
    co_await io.sleep(1s);
    throw std::runtime_error{"no idea"};
  });
  REQUIRE(outcome_of(reply) == "ERROR NEURON_EXCEPTION");
  CHECK(reply->get_if<payload::error>()->message == "no idea");
}

TEST_CASE_METHOD(coroutine_fixture, "a coroutine may return an error",
                 "[actors][coroutine]") {
  auto reply
    = ask([](json, json, coroutine_io io) -> task<caf::expected<json>> {
        auto found = co_await io.recall("elsewhere");
        if (!found)
          co_return std::move(found.error());
        co_return json{};
      });
  REQUIRE(outcome_of(reply) == "ERROR NEURON_EXCEPTION");
  CHECK(reply->get_if<payload::error>()->message
        == "a declares no Engram elsewhere; declared: memory");
}

TEST_CASE_METHOD(coroutine_fixture, "a function that makes no coroutine fails",
                 "[actors][coroutine]") {
  auto reply = ask([](const json&, const json&) -> task<json> {
    throw std::runtime_error{"not even begun"};
  });
  REQUIRE(outcome_of(reply) == "ERROR NEURON_EXCEPTION");
  CHECK(reply->get_if<payload::error>()->message == "not even begun");
}

TEST_CASE_METHOD(coroutine_fixture, "a coroutine thinks and escalates",
                 "[actors][coroutine]") {
  auto reply = ask([](json, json, coroutine_io io) -> task<json> {
    io.think("one");
    co_await io.sleep(1s);
    io.think("two");
    io.escalate("help");
    co_return json::object();
  });
  REQUIRE(outcome_of(reply) == "AGENT_OUTPUT");
  CHECK(story(reply->trace_id())
        == "TASK THOUGHT_DELTA THOUGHT_DELTA ESCALATION AGENT_OUTPUT");
}

// -- shared memory ---------------------------------------------------------------

TEST_CASE_METHOD(coroutine_fixture, "a coroutine writes and recalls",
                 "[actors][coroutine]") {
  auto reply = ask([](json, json, coroutine_io io) -> task<json> {
    imprint_options note{
      .op = "append", .entry = {{"content", "hello"}}, .await_ack = true};
    auto receipt = co_await io.imprint("memory", note);
    auto found = co_await io.recall("memory");
    recall_options narrow{.query = {{"text", "nothing like it"}}};
    auto nothing = co_await io.recall("memory", narrow);
    co_return json{{"written", receipt && *receipt},
                   {"found", found->hits.at(0).entry.at("content")},
                   {"asked", static_cast<bool>(nothing)}};
  });
  REQUIRE(outcome_of(reply) == "AGENT_OUTPUT");
  CHECK(reply->output()
        == json{{"written", true}, {"found", "hello"}, {"asked", true}});
}

// -- dispatching -----------------------------------------------------------------

TEST_CASE_METHOD(coroutine_fixture, "a coroutine awaits what it dispatches",
                 "[actors][coroutine]") {
  auto model = serving("model", echo());
  auto reply = ask([](json, json, coroutine_io io) -> task<json> {
    json question{{"prompt", "hello"}};
    auto first = co_await io.dispatch("model", question);
    dispatch_options more{.neuron = "model", .input = first->output()};
    auto second = co_await io.dispatch(more);
    co_return second->output();
  });
  REQUIRE(outcome_of(reply) == "AGENT_OUTPUT");
  CHECK(reply->output() == json{{"echo", {{"echo", {{"prompt", "hello"}}}}}});
  auto tasks = traffic(signal_type::TASK);
  REQUIRE(tasks.size() == 3);
  CHECK(tasks[1].parent_id() == tasks[0].id());
  CHECK(tasks[1].trace_id() != tasks[0].trace_id());
  CHECK(tasks[2].parent_id() == tasks[0].id());
}

TEST_CASE_METHOD(coroutine_fixture, "a worker's coroutine may not dispatch",
                 "[actors][coroutine]") {
  auto host = serving(
    "a", [](json input, json, coroutine_io io) -> task<caf::expected<json>> {
      auto reply = co_await io.dispatch("model", input);
      co_return json(outcome_of(reply));
    });
  auto reply = ask();
  REQUIRE(outcome_of(reply) == "AGENT_OUTPUT");
  CHECK(reply->output()["value"] == "protocol_violation");
}

TEST_CASE_METHOD(coroutine_fixture, "a dispatch that nobody answers times out",
                 "[actors][coroutine]") {
  auto reply = ask([](json, json, coroutine_io io) -> task<json> {
    dispatch_options question{.neuron = "nobody", .timeout = 2s};
    auto got = co_await io.dispatch(question);
    co_return json(outcome_of(got));
  });
  REQUIRE(outcome_of(reply) == "AGENT_OUTPUT");
  CHECK(reply->output()["value"] == "timeout");
}

TEST_CASE_METHOD(coroutine_fixture, "a coroutine's dispatch may be tried again",
                 "[actors][coroutine]") {
  int calls = 0;
  auto model = serving("model", [&](const json&, const json&) -> json {
    if (++calls < 3)
      return {{"__error__", true}, {"code", "BUSY"}, {"recoverable", true}};
    return {{"calls", calls}};
  });
  auto reply = ask([](json, json, coroutine_io io) -> task<json> {
    dispatch_options question{.neuron = "model",
                              .retry = retry_strategy{.max_attempts = 3}};
    auto got = co_await io.dispatch(question);
    co_return got->output();
  });
  REQUIRE(outcome_of(reply) == "AGENT_OUTPUT");
  CHECK(reply->output() == json{{"calls", 3}});
  auto tasks = traffic(signal_type::TASK);
  REQUIRE(tasks.size() == 4);
  CHECK(tasks[3].parent_id() == tasks[0].id());
}

TEST_CASE_METHOD(coroutine_fixture,
                 "a STOP reaches what a coroutine has dispatched",
                 "[actors][coroutine]") {
  held_neuron held;
  auto model = serving("model", held.neuron());
  auto host = hosting([this](json input, json, coroutine_io io) -> task<json> {
    counted here{alive};
    auto got = co_await io.dispatch("model", input);
    co_return got->output();
  });
  auto p = from.dispatch({.neuron = "a"});
  REQUIRE(p);
  sim.run();
  REQUIRE(held.calls().size() == 1);
  CHECK(alive == 1);
  REQUIRE(from.emit_stop(p->trace_id()));
  sim.run();
  CHECK(alive == 0);
  CHECK(held.calls().at(0).io.stop_token().stop_requested());
}

// -- tasks within tasks ----------------------------------------------------------

namespace {

task<int> twice(const coroutine_io& io, int x) {
  co_await io.sleep(1ms);
  co_return 2 * x;
}

task<int> count_down(const coroutine_io& io, int from) {
  if (from == 0)
    co_return 0;
  co_return 1 + co_await count_down(io, from - 1);
}

task<> fail(const coroutine_io& io, std::string why) {
  co_await io.sleep(1ms);
  throw std::runtime_error{why};
}

} // namespace

TEST_CASE_METHOD(coroutine_fixture, "a task awaits other tasks",
                 "[actors][coroutine]") {
  auto reply = ask([](json, json, coroutine_io io) -> task<json> {
    auto four = co_await twice(io, 2);
    auto eight = co_await twice(io, four);
    std::string caught;
    try {
      co_await fail(io, "inside");
    } catch (const std::runtime_error& err) {
      caught = err.what();
    }
    co_return json{{"n", eight}, {"caught", caught}};
  });
  REQUIRE(outcome_of(reply) == "AGENT_OUTPUT");
  CHECK(reply->output() == json{{"n", 8}, {"caught", "inside"}});
}

TEST_CASE_METHOD(coroutine_fixture, "no stack grows with what is awaited",
                 "[actors][coroutine]") {
  auto reply = ask([](json, json, coroutine_io io) -> task<json> {
    auto depth = co_await count_down(io, 20'000);
    int rounds = 0;
    while (rounds < 100'000)
      rounds += 1 + co_await count_down(io, 0);
    co_return json{{"depth", depth}, {"rounds", rounds}};
  });
  REQUIRE(outcome_of(reply) == "AGENT_OUTPUT");
  CHECK(reply->output() == json{{"depth", 20'000}, {"rounds", 100'000}});
}

TEST_CASE_METHOD(coroutine_fixture, "when_all awaits at the same time",
                 "[actors][coroutine]") {
  auto reply = ask([](json, json, coroutine_io io) -> task<json> {
    auto all = co_await when_all(twice(io, 1), io.sleep(3s),
                                 io.recall("memory"), twice(io, 2));
    std::vector<task<int>> many;
    for (int i = 0; i < 100; ++i)
      many.push_back(twice(io, i));
    auto doubled = co_await when_all(std::move(many));
    std::vector<task<>> none;
    auto nothing = co_await when_all(std::move(none));
    co_return json{{"first", std::get<0>(all)},
                   {"found", static_cast<bool>(std::get<2>(all))},
                   {"last", std::get<3>(all)},
                   {"many", doubled.at(99)},
                   {"none", nothing.size()}};
  });
  REQUIRE(outcome_of(reply) == "AGENT_OUTPUT");
  CHECK(
    reply->output()
    == json{
      {"first", 2}, {"found", true}, {"last", 4}, {"many", 198}, {"none", 0}});
  CHECK(reply->ts() - traffic(signal_type::TASK).at(0).ts() < 4s);
}

TEST_CASE_METHOD(coroutine_fixture,
                 "when_all waits for all, then throws the first failure",
                 "[actors][coroutine]") {
  bool waited = false;
  auto reply = ask([&](json, json, coroutine_io io) -> task<json> {
    auto slow = [](coroutine_io inner, bool& done) -> task<> {
      co_await inner.sleep(1s);
      done = true;
    };
    co_await when_all(slow(io, waited), fail(io, "one"), fail(io, "two"));
    co_return json{};
  });
  REQUIRE(outcome_of(reply) == "ERROR NEURON_EXCEPTION");
  CHECK(reply->get_if<payload::error>()->message == "one");
  CHECK(waited);
}

// -- callbacks -------------------------------------------------------------------

TEST_CASE_METHOD(coroutine_fixture, "any callback can be awaited",
                 "[actors][coroutine]") {
  std::optional<completion<int>> later;
  auto ask_somebody
    = [&] { return awaited<int>{[&](completion<int> done) { later = done; }}; };
  auto host = hosting([&](json, json, coroutine_io io) -> task<json> {
    counted here{alive};
    auto value = co_await ask_somebody();
    io.think("got it");
    co_return json{{"value", value}};
  });
  auto caller = dispatch_later(from, {.neuron = "a"});
  sim.run();
  REQUIRE(later);
  CHECK(outcome_of(*caller) == "nothing yet");
  SECTION("the first call counts") {
    (*later)(1);
    (*later)(2);
    sim.run();
    REQUIRE(outcome_of(*caller) == "AGENT_OUTPUT");
    CHECK((**caller)->output() == json{{"value", 1}});
  }
  SECTION("one that is dropped throws") {
    later.reset();
    sim.run();
    REQUIRE(outcome_of(*caller) == "ERROR NEURON_EXCEPTION");
    CHECK((**caller)->get_if<payload::error>()->message
          == "the call was dropped unanswered");
  }
  SECTION("one that comes after the end is ignored") {
    REQUIRE_FALSE(host.stop());
    sim.run();
    CHECK(alive == 0);
    (*later)(1);
    sim.run();
    CHECK(outcome_of(*caller) == "ERROR DENDRITE_STOPPED recoverable");
  }
  CHECK(alive == 0);
}

TEST_CASE_METHOD(coroutine_fixture, "a callback may come at once, or throw",
                 "[actors][coroutine]") {
  auto at_once = [](int x) {
    return awaited<int>{[x](completion<int> done) {
      done(x);
      if (x < 0)
        throw std::runtime_error{"below zero"};
    }};
  };
  auto reply = ask([&](json, json) -> task<json> {
    int sum = 0;
    for (int i = 0; i < 10'000; ++i)
      sum += co_await at_once(1);
    co_await at_once(-1);
    co_return json(sum);
  });
  REQUIRE(outcome_of(reply) == "ERROR NEURON_EXCEPTION");
  CHECK(reply->get_if<payload::error>()->message == "below zero");
}

// -- cancelling ------------------------------------------------------------------

TEST_CASE_METHOD(coroutine_fixture,
                 "whatever ends the TASK destroys what is suspended",
                 "[actors][coroutine]") {
  auto base = busy_actors();
  {
    auto host = hosting([this](json, json, coroutine_io io) -> task<json> {
      counted here{alive};
      auto sleep = [this](coroutine_io inner) -> task<> {
        counted there{alive};
        co_await inner.sleep(1h);
      };
      co_await when_all(sleep(io), sleep(io));
      co_return json{};
    });
    auto p = from.dispatch({.neuron = "a"});
    REQUIRE(p);
    sim.run();
    CHECK(alive == 3);
    SECTION("STOP") {
      REQUIRE(from.emit_stop(p->trace_id()));
      sim.run();
      CHECK_FALSE(traffic(signal_type::STOPPED).empty());
    }
    SECTION("the Axon is detached") {
      REQUIRE_FALSE(host.detach_axon("a"));
      CHECK(outcome_of(p->wait(1s)) == "ERROR DENDRITE_STOPPED recoverable");
    }
    SECTION("the Dendrite stops") {
      REQUIRE_FALSE(host.stop());
      CHECK(outcome_of(p->wait(1s)) == "ERROR DENDRITE_STOPPED recoverable");
    }
    SECTION("the Axon's actor dies") {
      kill(caf::actor_cast<caf::actor>(axon_actor_of(host, "a")));
      sim.run();
      CHECK(outcome_of(p->wait(1s)) == "ERROR AXON_EXCEPTION recoverable");
    }
    SECTION("the Dendrite's actor dies") {
      kill(host.handle());
      sim.run();
      CHECK(outcome_of(p->wait(1s)) == "ERROR AXON_EXCEPTION recoverable");
    }
    SECTION("the bus ends") {
      bus.close();
      sim.run();
      CHECK(p->closed());
    }
    sim.run();
    CHECK(alive == 0);
    (void)host.stop();
    kill(host.handle());
  }
  CHECK(alive == 0);
  CHECK(busy_actors() <= base);
}

TEST_CASE_METHOD(coroutine_fixture,
                 "a cancelled coroutine ends at its next co_await",
                 "[actors][coroutine]") {
  int steps = 0;
  std::string trace_id;
  auto host = hosting([&](json, json, coroutine_io io) -> task<json> {
    counted here{alive};
    ++steps;
    if (!from.emit_stop(io.scope().trace_id))
      throw std::runtime_error{"no STOP"};
    // Here, on the one thread there is, the STOP takes effect.
    sim.run();
    CHECK(io.stop_token().stop_requested());
    ++steps;
    auto found = co_await io.recall("memory");
    ++steps;
    co_return json(found->hits.size());
  });
  auto p = from.dispatch({.neuron = "a"});
  REQUIRE(p);
  sim.run();
  CHECK(steps == 2);
  CHECK(alive == 0);
  CHECK(traffic(signal_type::RECALL).empty());
}

// -- many ------------------------------------------------------------------------

TEST_CASE_METHOD(coroutine_fixture,
                 "10,000 suspended coroutines hold no worker",
                 "[actors][coroutine]") {
  constexpr int many = 10'000;
  auto host = hosting([this](json, json, coroutine_io io) -> task<json> {
    counted here{alive};
    co_await io.sleep(1min);
    co_return json::object();
  });
  auto base = busy_actors();
  std::vector<answer<signal>> answers;
  for (int i = 0; i < many; ++i)
    answers.push_back(dispatch_later(from, {.neuron = "a", .timeout = 5min}));
  CHECK(busy_actors() == base);
  CHECK(alive == many);
  sim.advance(1min);
  CHECK(alive == 0);
  CHECK(std::ranges::count_if(
          answers, [](auto& x) { return outcome_of(*x) == "AGENT_OUTPUT"; })
        == many);
}

TEST_CASE("coroutines come through a storm of STOPs", "[actors][coroutine]") {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    coroutine_fixture f;
    seeded_random chance{seed};
    auto model
      = f.serving("model", [](json input, json, coroutine_io io) -> task<json> {
          co_await io.sleep(30ms);
          co_return json(input);
        });
    auto host = f.hosting(
      [&f](json input, json, coroutine_io io) -> task<json> {
        counted here{f.alive};
        imprint_options note{
          .op = "append", .entry = {{"content", "x"}}, .await_ack = true};
        for (int i = 0; i < 5; ++i) {
          counted there{f.alive};
          co_await io.sleep(10ms);
          auto all = co_await when_all(io.recall("memory"),
                                       io.dispatch("model", input),
                                       io.imprint("memory", note));
          if (!std::get<1>(all))
            co_return json(outcome_of(std::get<1>(all)));
        }
        co_return json::object();
      },
      2);
    std::vector<coroutine_fixture::answer<signal>> answers;
    for (int i = 0; i < 30; ++i) {
      auto trace_id = "trc_" + std::to_string(i);
      answers.push_back(f.dispatch_later(
        f.from, {.neuron = "a", .trace_id = trace_id, .timeout = 1min}));
      for (auto steps = chance.next() % 40; steps > 0; --steps)
        f.sim.step();
      if (chance.next() % 2 == 0)
        REQUIRE(f.from.emit_stop("trc_" + std::to_string(chance.next() % 30)));
      if (chance.next() % 60 == 0)
        f.kill(caf::actor_cast<caf::actor>(f.axon_actor_of(host, "a")));
    }
    f.sim.advance(5min);
    CHECK(f.alive == 0);
    for (auto& x : answers)
      CHECK(outcome_of(*x) != "nothing yet");
  }
}

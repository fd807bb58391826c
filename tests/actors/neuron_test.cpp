// SPDX-License-Identifier: Apache-2.0
#include "support/bed.hpp"
#include "support/recorded_log.hpp"

#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <algorithm>
#include <stdexcept>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

namespace {

struct neuron_fixture : bed {
  caf::expected<signal> ask(any_neuron body, dispatch_options options = {}) {
    auto host = serving("a", std::move(body));
    options.neuron = "a";
    return from.dispatch_and_wait(std::move(options));
  }

  std::string message(const caf::expected<signal>& reply) {
    return reply ? reply->payload().value("message", std::string{})
                 : outcome_of(reply);
  }

  dendrite from = orchestrator();
};

} // namespace

// -- plain -----------------------------------------------------------------------

TEST_CASE_METHOD(neuron_fixture, "a plain function computes the output",
                 "[actors][neuron]") {
  auto reply = ask(
    [](const json& input, const json& context) {
      return json{{"in", input}, {"ctx", context}};
    },
    {.input = {{"x", 1}}});
  REQUIRE(outcome_of(reply) == "AGENT_OUTPUT");
  CHECK(reply->output()["in"] == json{{"x", 1}});
  CHECK(reply->output()["ctx"] == json::array());
}

TEST_CASE_METHOD(neuron_fixture, "a plain function may return an error",
                 "[actors][neuron]") {
  auto reply = ask([](const json&, const json&) -> caf::expected<json> {
    return make_error(ec::http_status, "502 from upstream");
  });
  CHECK(outcome_of(reply) == "ERROR NEURON_EXCEPTION");
  CHECK(message(reply) == "502 from upstream");
}

TEST_CASE_METHOD(neuron_fixture, "what a plain function throws is its failure",
                 "[actors][neuron]") {
  auto reply = ask([](const json&, const json&) -> json {
    throw std::runtime_error{"division by cucumber"};
  });
  CHECK(outcome_of(reply) == "ERROR NEURON_EXCEPTION");
  CHECK(message(reply) == "division by cucumber");
}

TEST_CASE_METHOD(neuron_fixture, "even an int may be thrown",
                 "[actors][neuron]") {
  auto reply = ask([](const json&, const json&) -> json { throw 42; });
  CHECK(outcome_of(reply) == "ERROR NEURON_EXCEPTION");
  CHECK(message(reply) == "unknown exception");
}

TEST_CASE_METHOD(neuron_fixture, "what no wire would take is a failure",
                 "[actors][neuron]") {
  auto deep = json::object();
  for (int i = 0; i < 200; ++i)
    deep = json{{"in", std::move(deep)}};
  any_neuron plain = [deep](const json&, const json&) { return deep; };
  auto async
    = neuron::async([deep](const json&, const json&, neuron_io,
                           neuron_promise done) { done.deliver(deep); });
  auto reply = ask(GENERATE(false, true) ? plain : async, {.finalize = true});
  CHECK(outcome_of(reply) == "ERROR NEURON_EXCEPTION");
  CHECK(message(reply)
        == "the result makes AGENT_OUTPUT with more than 200 nested "
           "containers");
  CHECK(traffic(signal_type::AGENT_OUTPUT).empty());
}

TEST_CASE_METHOD(neuron_fixture, "a failed Neuron serves the next TASK",
                 "[actors][neuron]") {
  int calls = 0;
  auto host = serving("a", [&](const json&, const json&) -> json {
    if (++calls == 1)
      throw std::runtime_error{"first"};
    return {{"call", calls}};
  });
  CHECK(outcome_of(from.dispatch_and_wait({.neuron = "a"}))
        == "ERROR NEURON_EXCEPTION");
  CHECK(outcome_of(from.dispatch_and_wait({.neuron = "a"})) == "AGENT_OUTPUT");
}

// -- asynchronous ----------------------------------------------------------------

TEST_CASE_METHOD(neuron_fixture, "an asynchronous Neuron may answer at once",
                 "[actors][neuron]") {
  auto reply
    = ask(neuron::async([](const json& input, const json&, neuron_io,
                           neuron_promise done) { done.deliver(input); }));
  CHECK(outcome_of(reply) == "AGENT_OUTPUT");
}

TEST_CASE_METHOD(neuron_fixture, "an asynchronous Neuron may answer later",
                 "[actors][neuron]") {
  held_neuron held;
  auto host = serving("a", held.neuron());
  auto reply = dispatch_later(from, {.neuron = "a", .timeout = 100s});
  sim.run();
  sim.advance(50s);
  REQUIRE(held.calls().size() == 1);
  CHECK(outcome_of(*reply) == "nothing yet");
  // Its arguments stay valid until it answers.
  held.calls()[0].done.deliver({{"late", true}});
  sim.run();
  REQUIRE(outcome_of(*reply) == "AGENT_OUTPUT");
  CHECK((**reply)->output() == json{{"late", true}});
}

TEST_CASE_METHOD(neuron_fixture, "an asynchronous Neuron may fail",
                 "[actors][neuron]") {
  held_neuron held;
  auto host = serving("a", held.neuron());
  auto reply = dispatch_later(from, {.neuron = "a"});
  sim.run();
  held.calls().at(0).done.fail(make_error(ec::timeout, "model is slow"));
  sim.run();
  REQUIRE(outcome_of(*reply) == "ERROR NEURON_EXCEPTION");
  CHECK(message(**reply) == "model is slow");
}

TEST_CASE_METHOD(neuron_fixture, "a promise that is dropped fails the TASK",
                 "[actors][neuron]") {
  SECTION("at once") {
    auto reply = ask(neuron::async(
      [](const json&, const json&, neuron_io, neuron_promise) {}));
    CHECK(outcome_of(reply) == "ERROR NEURON_EXCEPTION");
  }
  SECTION("later") {
    held_neuron held;
    auto host = serving("a", held.neuron());
    auto reply = dispatch_later(from, {.neuron = "a"});
    sim.run();
    auto copy = held.calls().at(0).done;
    held.calls().clear();
    sim.run();
    CHECK(outcome_of(*reply) == "nothing yet");
    copy = neuron_promise{nullptr};
    sim.run();
    CHECK(outcome_of(*reply) == "ERROR NEURON_EXCEPTION");
  }
}

TEST_CASE_METHOD(neuron_fixture, "the first answer of a promise counts",
                 "[actors][neuron]") {
  SECTION("at once") {
    auto reply = ask(neuron::async(
      [](const json&, const json&, neuron_io, neuron_promise done) {
        done.deliver({{"n", 1}});
        done.deliver({{"n", 2}});
        done.fail(make_error(ec::timeout, "3"));
      }));
    REQUIRE(outcome_of(reply) == "AGENT_OUTPUT");
    CHECK(reply->output() == json{{"n", 1}});
  }
  SECTION("later") {
    held_neuron held;
    auto host = serving("a", held.neuron());
    auto reply = dispatch_later(from, {.neuron = "a"});
    sim.run();
    auto& done = held.calls().at(0).done;
    done.fail(make_error(ec::timeout, "1"));
    done.deliver({{"n", 2}});
    sim.run();
    CHECK(outcome_of(*reply) == "ERROR NEURON_EXCEPTION");
    CHECK(message(**reply) == "1");
  }
  CHECK(traffic(signal_type::AGENT_OUTPUT).size()
          + traffic(signal_type::ERROR).size()
        == 1);
}

TEST_CASE_METHOD(neuron_fixture, "an asynchronous Neuron may throw",
                 "[actors][neuron]") {
  auto reply = ask(
    neuron::async([](const json&, const json&, neuron_io, neuron_promise) {
      throw std::runtime_error{"before answering"};
    }));
  CHECK(outcome_of(reply) == "ERROR NEURON_EXCEPTION");
  CHECK(message(reply) == "before answering");
}

TEST_CASE_METHOD(neuron_fixture, "what it throws after answering is too late",
                 "[actors][neuron]") {
  auto reply = ask(
    neuron::async([](const json&, const json&, neuron_io, neuron_promise done) {
      done.deliver(json::object());
      throw std::runtime_error{"after answering"};
    }));
  CHECK(outcome_of(reply) == "AGENT_OUTPUT");
}

// -- actors ----------------------------------------------------------------------

TEST_CASE_METHOD(neuron_fixture, "an actor may be a Neuron",
                 "[actors][neuron]") {
  auto body = sim.runtime().system().spawn([]() -> neuron_actor::behavior_type {
    return {[](const json& input, const json& context) {
      return json{{"in", input}, {"ctx", context}};
    }};
  });
  auto reply = ask(neuron::actor(body), {.input = {{"x", 1}}});
  REQUIRE(outcome_of(reply) == "AGENT_OUTPUT");
  CHECK(reply->output() == json{{"in", {{"x", 1}}}, {"ctx", json::array()}});
  kill(body);
}

TEST_CASE_METHOD(neuron_fixture, "an actor's error is the Neuron's failure",
                 "[actors][neuron]") {
  auto body = sim.runtime().system().spawn([]() -> neuron_actor::behavior_type {
    return {[](const json& input, const json&) -> caf::result<json> {
      if (!input.contains("please"))
        return make_error(ec::bad_input, "say please");
      // As documented at `neuron_actor`: no bare `json`.
      return caf::expected<json>{json{{"in", input}}};
    }};
  });
  auto host = serving("a", neuron::actor(body));
  auto refused = from.dispatch_and_wait({.neuron = "a"});
  CHECK(outcome_of(refused) == "ERROR NEURON_EXCEPTION");
  CHECK(message(refused) == "say please");
  auto reply
    = from.dispatch_and_wait({.neuron = "a", .input = {{"please", true}}});
  REQUIRE(outcome_of(reply) == "AGENT_OUTPUT");
  CHECK(reply->output() == json{{"in", {{"please", true}}}});
  kill(body);
}

TEST_CASE_METHOD(neuron_fixture, "an actor may promise its answer",
                 "[actors][neuron]") {
  auto body = sim.runtime().system().spawn(
    [](neuron_actor::pointer self) -> neuron_actor::behavior_type {
      return {[self](const json& input, const json&) -> caf::result<json> {
        auto promise = self->make_response_promise<json>();
        self->run_delayed(1s, [promise, input]() mutable {
          // As documented at `neuron_actor`: no bare `json`.
          promise.deliver(caf::expected<json>{json{{"late", input}}});
        });
        return promise;
      }};
    });
  auto reply = ask(neuron::actor(body), {.input = {{"x", 1}}});
  REQUIRE(outcome_of(reply) == "AGENT_OUTPUT");
  CHECK(reply->output() == json{{"late", {{"x", 1}}}});
  kill(body);
}

namespace {

/// Takes a TASK and never answers.
struct silent_state {
  explicit silent_state(neuron_actor::pointer selfptr) : self(selfptr) {
    // nop
  }

  neuron_actor::behavior_type make_behavior() {
    return {[this](const json&, const json&) -> caf::result<json> {
      kept.push_back(self->make_response_promise<json>());
      return kept.back();
    }};
  }

  neuron_actor::pointer self;
  std::vector<caf::typed_response_promise<json>> kept;
};

using silent_neuron = caf::stateful_actor<silent_state, neuron_actor::base>;

} // namespace

TEST_CASE_METHOD(neuron_fixture, "an actor that dies fails its TASKs by name",
                 "[actors][neuron]") {
  auto body = sim.runtime().system().spawn<silent_neuron>();
  auto host = serving("a", neuron::actor(body));
  auto reply = dispatch_later(from, {.neuron = "a"});
  SECTION("with the TASK in hand") {
    sim.run();
    CHECK(outcome_of(*reply) == "nothing yet");
    kill(body);
  }
  SECTION("before it got the TASK") {
    kill(body);
    CHECK(outcome_of(*reply) == "nothing yet");
  }
  sim.run();
  CHECK(outcome_of(*reply) == "ERROR AXON_EXCEPTION recoverable");
  CHECK(outcome_of(from.dispatch_and_wait({.neuron = "a"}))
        == "ERROR AXON_EXCEPTION recoverable");
}

TEST_CASE_METHOD(neuron_fixture, "an actor is asked after the hooks have run",
                 "[actors][neuron]") {
  auto body = sim.runtime().system().spawn([]() -> neuron_actor::behavior_type {
    return {[](const json& input, const json&) { return input; }};
  });
  axon what{{.neuron_id = "a", .neuron = neuron::actor(body)}};
  what.before_task([](const json&) { return json{{"hooked", true}}; });
  what.detects_output([](const json& raw) { return json{{"saw", raw}}; });
  auto host = serving(what);
  auto reply = from.dispatch_and_wait({.neuron = "a"});
  REQUIRE(outcome_of(reply) == "AGENT_OUTPUT");
  CHECK(reply->output() == json{{"saw", {{"hooked", true}}}});
  kill(body);
}

// -- helpers ---------------------------------------------------------------------

TEST_CASE_METHOD(neuron_fixture, "thoughts are numbered and belong to the TASK",
                 "[actors][neuron]") {
  auto reply = ask([](const json&, const json&, const neuron_io& io) {
    io.think("first");
    io.think("second");
    io.think("third");
    return json::object();
  });
  REQUIRE(outcome_of(reply) == "AGENT_OUTPUT");
  auto thoughts = traffic(signal_type::THOUGHT_DELTA);
  REQUIRE(thoughts.size() == 3);
  auto task = traffic(signal_type::TASK).at(0);
  for (int64_t i = 0; i < 3; ++i) {
    auto& sig = thoughts[static_cast<size_t>(i)];
    CHECK(sig.get_if<payload::thought_delta>()->seq == i);
    CHECK(sig.trace_id() == task.trace_id());
    CHECK(sig.parent_id() == task.id());
    CHECK(sig.directed() == directed::to("a"));
  }
  CHECK(thoughts[1].payload()["delta"] == "second");
  // All before the answer.
  CHECK(story(task.trace_id())
        == "TASK THOUGHT_DELTA THOUGHT_DELTA THOUGHT_DELTA AGENT_OUTPUT");
}

TEST_CASE_METHOD(neuron_fixture, "each TASK counts its own thoughts",
                 "[actors][neuron]") {
  auto host = serving("a", [](const json&, const json&, const neuron_io& io) {
    io.think("hm");
    return json::object();
  });
  REQUIRE(from.dispatch_and_wait({.neuron = "a"}));
  REQUIRE(from.dispatch_and_wait({.neuron = "a"}));
  for (auto& sig : traffic(signal_type::THOUGHT_DELTA))
    CHECK(sig.get_if<payload::thought_delta>()->seq == 0);
}

TEST_CASE_METHOD(neuron_fixture, "an escalation names its Neuron by default",
                 "[actors][neuron]") {
  auto reply = ask([](const json&, const json&, const neuron_io& io) {
    io.escalate("stuck");
    io.escalate("stuck", "boss", {{"tried", 3}});
    return json::object();
  });
  REQUIRE(outcome_of(reply) == "AGENT_OUTPUT");
  auto calls = traffic(signal_type::ESCALATION);
  REQUIRE(calls.size() == 2);
  CHECK(calls[0].payload() == json{{"reason", "stuck"}, {"target", "a"}});
  CHECK(calls[0].directed() == directed::to("a"));
  CHECK(calls[0].parent_id() == traffic(signal_type::TASK).at(0).id());
  CHECK(calls[1].payload()
        == json{{"reason", "stuck"},
                {"target", "boss"},
                {"context", {{"tried", 3}}}});
}

TEST_CASE_METHOD(neuron_fixture, "a Neuron knows its TASK",
                 "[actors][neuron]") {
  auto reply = ask([](const json&, const json&, const neuron_io& io) {
    return json{{"trace", io.scope().trace_id},
                {"task", io.scope().task_id},
                {"neuron", io.scope().neuron_id}};
  });
  REQUIRE(outcome_of(reply) == "AGENT_OUTPUT");
  CHECK(reply->output()
        == json{{"trace", reply->trace_id()},
                {"task", *reply->parent_id()},
                {"neuron", "a"}});
}

TEST_CASE_METHOD(neuron_fixture, "on a worker a Neuron may not dispatch",
                 "[actors][neuron]") {
  std::string outcome;
  auto reply = ask([&](const json&, const json&, const neuron_io& io) {
    outcome = outcome_of(io.dispatch({.neuron = "a"}));
    return json::object();
  });
  CHECK(outcome_of(reply) == "AGENT_OUTPUT");
  CHECK(outcome == "protocol_violation");
  CHECK(traffic(signal_type::TASK).size() == 1);
}

TEST_CASE_METHOD(neuron_fixture, "on an orchestrator a Neuron may dispatch",
                 "[actors][neuron]") {
  auto helper = serving("helper", echo());
  auto host = orchestrator("host");
  REQUIRE(host.attach_axon(
    {.neuron_id = "boss",
     .neuron = [](const json& input, const json&,
                  const neuron_io& io) -> caf::expected<json> {
       auto opened = io.dispatch({.neuron = "helper", .input = input});
       if (!opened)
         return opened.error();
       auto reply = opened->wait(5s);
       if (!reply)
         return reply.error();
       return reply->output();
     }}));
  REQUIRE_FALSE(host.start());
  auto reply = from.dispatch_and_wait({.neuron = "boss", .input = {{"x", 1}}});
  REQUIRE(outcome_of(reply) == "AGENT_OUTPUT");
  CHECK(reply->output() == json{{"echo", {{"x", 1}}}});
  auto tasks = traffic(signal_type::TASK);
  REQUIRE(tasks.size() == 2);
  CHECK(tasks[1].parent_id() == tasks[0].id());
  // The trace is not inherited.
  CHECK(tasks[1].trace_id() != tasks[0].trace_id());
}

TEST_CASE_METHOD(neuron_fixture,
                 "an asynchronous call may not wait for another",
                 "[actors][neuron]") {
  std::string outcome;
  auto host = orchestrator("host");
  REQUIRE(host.attach_axon(
    {.neuron_id = "a",
     .neuron = neuron::async(
       [&](const json&, const json&, neuron_io io, neuron_promise done) {
         outcome = outcome_of(io.dispatch({.neuron = "a"}));
         done.deliver(json::object());
       })}));
  REQUIRE_FALSE(host.start());
  CHECK(outcome_of(from.dispatch_and_wait({.neuron = "a"})) == "AGENT_OUTPUT");
  CHECK(outcome == "bad_argument");
  CHECK(traffic(signal_type::TASK).size() == 1);
}

TEST_CASE_METHOD(neuron_fixture, "what is asked of a helper may be overridden",
                 "[actors][neuron]") {
  auto host = orchestrator("host");
  REQUIRE(host.attach_axon(
    {.neuron_id = "boss",
     .neuron = [](const json&, const json&, const neuron_io& io) {
       auto opened = io.dispatch(
         {.neuron = "nobody", .trace_id = "trc_own", .parent_id = "evt_own"});
       return json{{"opened", outcome_of(opened)}};
     }}));
  REQUIRE_FALSE(host.start());
  auto reply = from.dispatch_and_wait({.neuron = "boss"});
  REQUIRE(outcome_of(reply) == "AGENT_OUTPUT");
  auto inner = traffic(signal_type::TASK).at(1);
  CHECK(inner.trace_id() == "trc_own");
  CHECK(inner.parent_id() == "evt_own");
}

TEST_CASE_METHOD(neuron_fixture, "a Neuron learns that its thought was taken",
                 "[actors][neuron]") {
  held_neuron held;
  auto host = serving("a", held.neuron());
  auto reply = dispatch_later(from, {.neuron = "a"});
  sim.run();
  auto& call = held.calls().at(0);
  std::vector<std::string> told;
  auto tell = [&](const caf::error& outcome) {
    told.push_back(outcome
                     ? std::string{to_string(static_cast<ec>(outcome.code()))}
                     : "taken");
  };
  call.io.think("first");
  call.io.think("second", tell);
  call.io.think("third", tell);
  CHECK(told.empty());
  sim.run();
  CHECK(told == std::vector<std::string>{"taken", "taken"});
  auto thoughts = traffic(signal_type::THOUGHT_DELTA);
  REQUIRE(thoughts.size() == 3);
  for (int64_t i = 0; i < 3; ++i)
    CHECK(thoughts[static_cast<size_t>(i)].get_if<payload::thought_delta>()->seq
          == i);
  SECTION("that it was not, once the TASK is answered") {
    call.done.deliver(json::object());
    sim.run();
    call.io.think("late", tell);
    sim.run();
    CHECK(told.back() == "cancelled");
  }
  SECTION("that it was not, once the trace is stopped") {
    REQUIRE(from.stop_trace(thoughts[0].trace_id()));
    sim.run();
    call.io.think("late", tell);
    sim.run();
    CHECK(told.back() == "cancelled");
  }
  SECTION("in any case, if the TASK ends meanwhile") {
    call.io.think("maybe too late", tell);
    REQUIRE_FALSE(host.stop());
    sim.run();
    CHECK(told.size() == 3);
  }
  SECTION("that it was not, if the bus has gone") {
    kill(bus.handle());
    call.io.think("nobody listens", tell);
    sim.run();
    CHECK(told.size() == 3);
    CHECK(told.back() != "taken");
  }
  SECTION("that it was not, if the Dendrite has died") {
    kill(host.handle());
    sim.run();
    call.io.think("nobody is there", tell);
    sim.run();
    CHECK(told.size() == 3);
    CHECK(told.back() == "cancelled");
  }
  auto taken = std::ranges::count(told, "taken");
  CHECK(traffic(signal_type::THOUGHT_DELTA).size()
        == 1 + static_cast<size_t>(taken));
}

TEST_CASE_METHOD(neuron_fixture, "a finished TASK's helpers are harmless",
                 "[actors][neuron]") {
  std::optional<neuron_io> kept;
  {
    auto host
      = serving("a", [&](const json&, const json&, const neuron_io& io) {
          kept = io;
          return json::object();
        });
    REQUIRE(from.dispatch_and_wait({.neuron = "a"}));
    kept->think("too late");
    kept->escalate("too late");
    sim.run();
    CHECK(outcome_of(host.stop()) == "ok");
    kill(host.handle());
    sim.run();
  }
  kept->think("far too late");
  auto outcome = outcome_of(kept->dispatch({.neuron = "a"}));
  CHECK((outcome == "not_attached" || outcome == "not_connected"));
  sim.run();
  CHECK(traffic(signal_type::THOUGHT_DELTA).empty());
  CHECK(traffic(signal_type::ESCALATION).empty());
}

// -- end -------------------------------------------------------------------------

TEST_CASE_METHOD(neuron_fixture, "a stopped Dendrite asks its Neurons to stop",
                 "[actors][neuron]") {
  held_neuron held;
  auto host = serving("a", held.neuron());
  auto reply = dispatch_later(from, {.neuron = "a"});
  sim.run();
  auto token = held.calls().at(0).io.stop_token();
  CHECK_FALSE(token.stop_requested());
  CHECK_FALSE(host.stop());
  sim.run();
  CHECK(token.stop_requested());
  // Its result is discarded, and so is what it has to say.
  held.calls()[0].io.think("still here");
  held.calls()[0].done.deliver(json::object());
  sim.run();
  CHECK(outcome_of(*reply) == "ERROR DENDRITE_STOPPED recoverable");
  CHECK(traffic(signal_type::AGENT_OUTPUT).empty());
  CHECK(traffic(signal_type::THOUGHT_DELTA).empty());
}

TEST_CASE_METHOD(neuron_fixture, "a Neuron is closed once per teardown",
                 "[actors][neuron]") {
  int closed = 0;
  auto host = serving("a", any_neuron{echo()}.on_close([&] { ++closed; }));
  REQUIRE(from.dispatch_and_wait({.neuron = "a"}));
  CHECK(closed == 0);
  CHECK_FALSE(host.stop());
  sim.run();
  CHECK(closed == 1);
  CHECK_FALSE(host.start());
  CHECK(outcome_of(from.dispatch_and_wait({.neuron = "a"})) == "AGENT_OUTPUT");
  CHECK_FALSE(host.detach_axon("a"));
  sim.run();
  CHECK(closed == 2);
}

TEST_CASE_METHOD(neuron_fixture, "a Neuron is closed before its farewell",
                 "[actors][neuron]") {
  std::string story;
  REQUIRE(bus.subscribe("cosmonapse.default.DEREGISTER",
                        [&](const signal&) { story += " farewell"; }));
  auto host = serving("a", any_neuron{echo()}.on_close([&] {
    // A farewell that was under way would arrive meanwhile.
    sim.run();
    story += " closed";
  }));
  SECTION("at stop") {
    CHECK_FALSE(host.stop());
  }
  SECTION("at detach") {
    CHECK_FALSE(host.detach_axon("a"));
  }
  sim.run();
  CHECK(story == " closed farewell");
}

TEST_CASE_METHOD(neuron_fixture, "a Neuron that cannot be closed is logged",
                 "[actors][neuron]") {
  recorded_log log;
  auto host = serving("a", any_neuron{echo()}.on_close(
                             [] { throw std::runtime_error{"stuck door"}; }));
  CHECK(outcome_of(host.stop()) == "ok");
  sim.run();
  CHECK(log.count("stuck door") == 1);
  CHECK(traffic(signal_type::DEREGISTER).size() == 1);
}

TEST_CASE("a Neuron that keeps its promises does not keep itself",
          "[actors][neuron]") {
  std::weak_ptr<std::vector<neuron_promise>> kept;
  {
    bed f;
    auto state = std::make_shared<std::vector<neuron_promise>>();
    kept = state;
    auto host
      = f.serving("a", neuron::async([state](const json&, const json&,
                                             neuron_io, neuron_promise done) {
                    state->push_back(std::move(done));
                  }));
    REQUIRE(f.orchestrator().dispatch_task({.neuron = "a"}));
    f.sim.run();
    REQUIRE(state->size() == 1);
  }
  CHECK(kept.expired());
}

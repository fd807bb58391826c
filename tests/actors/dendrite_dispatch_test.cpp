// SPDX-License-Identifier: Apache-2.0
#include "support/bed.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

namespace {

struct dispatch_fixture : bed {
  std::chrono::microseconds elapsed() const {
    return sim.outside().clock->now() - testing::simulation::start_time;
  }

  dendrite from = orchestrator();
};

} // namespace

TEST_CASE_METHOD(dispatch_fixture, "a TASK says what the caller asked for",
                 "[actors][dendrite_dispatch]") {
  auto task = from.dispatch_task({.neuron = "a",
                                  .input = {{"x", 1}},
                                  .capabilities = {"c"},
                                  .trace_id = "trc_given",
                                  .parent_id = "evt_given",
                                  .context_ref = "ctx",
                                  .finalize = true,
                                  .meta = {{"attempt", 0}}});
  REQUIRE(task);
  sim.run();
  REQUIRE(traffic().size() == 1);
  CHECK(traffic()[0].id() == task->id());
  CHECK(task->type() == signal_type::TASK);
  CHECK(task->trace_id() == "trc_given");
  CHECK(task->parent_id() == "evt_given");
  CHECK(task->directed() == directed::to("a"));
  CHECK(task->meta() == json{{"attempt", 0}});
  CHECK(task->payload()
        == json{{"input", {{"x", 1}}},
                {"context_ref", "ctx"},
                {"capabilities", {"c"}},
                {"finalize", true}});
  CHECK(task->ts() == testing::simulation::start_time);
}

TEST_CASE_METHOD(dispatch_fixture, "what is not asked for is not written",
                 "[actors][dendrite_dispatch]") {
  auto task = from.dispatch_task({.capabilities = {"c"}});
  REQUIRE(task);
  CHECK(task->trace_id().starts_with("trc_"));
  CHECK_FALSE(task->parent_id());
  CHECK_FALSE(task->directed());
  CHECK(task->meta() == json::object());
  CHECK(task->payload()
        == json{{"input", json::object()}, {"capabilities", {"c"}}});
}

TEST_CASE_METHOD(dispatch_fixture, "dispatch_task opens no Pathway",
                 "[actors][dendrite_dispatch]") {
  sim.run();
  auto base = sim.actors_alive();
  auto task = from.dispatch_task({.neuron = "a"});
  REQUIRE(task);
  sim.run();
  CHECK(sim.actors_alive() == base);
  CHECK(outcome_of(from.observe_pathway(task->trace_id())) == "ok");
}

TEST_CASE_METHOD(dispatch_fixture, "dispatch_and_wait returns the first answer",
                 "[actors][dendrite_dispatch]") {
  auto host = serving("a", echo());
  auto reply = from.dispatch_and_wait({.neuron = "a", .input = {{"x", 1}}});
  REQUIRE(outcome_of(reply) == "AGENT_OUTPUT");
  CHECK(reply->output() == json{{"echo", {{"x", 1}}}});
}

TEST_CASE_METHOD(dispatch_fixture, "no call needs a started Dendrite",
                 "[actors][dendrite_dispatch]") {
  auto host = serving("a", echo());
  auto opened = from.dispatch({.neuron = "a"});
  REQUIRE(opened);
  CHECK(outcome_of(opened->wait(1s)) == "AGENT_OUTPUT");
  CHECK_FALSE(opened->closed());
  CHECK(opened->role() == "originator");
  CHECK(outcome_of(from.dispatch_and_wait({.neuron = "a"})) == "AGENT_OUTPUT");
}

TEST_CASE_METHOD(dispatch_fixture,
                 "an answer before the first wait is not lost",
                 "[actors][dendrite_dispatch]") {
  auto host = serving("a", echo());
  auto opened = from.dispatch({.neuron = "a"});
  REQUIRE(opened);
  sim.advance(10s);
  CHECK(outcome_of(opened->wait(0s)) == "AGENT_OUTPUT");
}

TEST_CASE_METHOD(dispatch_fixture,
                 "a callback attached after dispatch misses nothing",
                 "[actors][dendrite_dispatch]") {
  auto host = serving("a", echo());
  auto opened = from.dispatch_and_subscribe({.neuron = "a"});
  REQUIRE(opened);
  sim.run();
  int calls = 0;
  opened->on(signal_type::AGENT_OUTPUT, [&](const signal&) { ++calls; });
  sim.run();
  CHECK(calls == 1);
}

TEST_CASE_METHOD(dispatch_fixture, "a wait takes exactly its time",
                 "[actors][dendrite_dispatch]") {
  CHECK(outcome_of(from.dispatch_and_wait({.neuron = "nobody"})) == "timeout");
  CHECK(elapsed() == 30s);
  CHECK(
    outcome_of(from.dispatch_and_wait({.neuron = "nobody", .timeout = 250ms}))
    == "timeout");
  CHECK(elapsed() == 30s + 250ms);
  CHECK(outcome_of(from.dispatch_and_wait(
          {.capabilities = {"unknown"}, .timeout = 100ms}))
        == "timeout");
  // Nobody said so on the bus.
  CHECK(traffic(signal_type::ERROR).empty());
  CHECK(traffic(signal_type::STOP).empty());
}

TEST_CASE_METHOD(dispatch_fixture, "a timeout of any size is one",
                 "[actors][dendrite_dispatch]") {
  const auto timeout
    = GENERATE(0ns, -1ns, std::chrono::nanoseconds::min(), 1ns, forever - 1ns);
  CAPTURE(timeout.count());
  CHECK(
    outcome_of(from.dispatch_and_wait({.neuron = "nobody", .timeout = timeout}))
    == "timeout");
}

TEST_CASE_METHOD(dispatch_fixture, "waits end in the order of their deadlines",
                 "[actors][dendrite_dispatch]") {
  auto wait = [this](std::chrono::nanoseconds timeout) {
    return dispatch_later(from, {.neuron = "nobody", .timeout = timeout});
  };
  auto late = wait(10s);
  auto early = wait(2s);
  auto between = wait(5s);
  auto endless = wait(forever);
  sim.advance(2s - 1ns);
  CHECK(outcome_of(*early) == "nothing yet");
  sim.advance(1ns);
  CHECK(outcome_of(*early) == "timeout");
  CHECK(outcome_of(*between) == "nothing yet");
  sim.advance(3s);
  CHECK(outcome_of(*between) == "timeout");
  CHECK(outcome_of(*late) == "nothing yet");
  sim.advance(5s);
  CHECK(outcome_of(*late) == "timeout");
  sim.advance(24h);
  CHECK(outcome_of(*endless) == "nothing yet");
  CHECK_FALSE(from.stop());
  sim.run();
  CHECK(outcome_of(*endless) == "pathway_closed");
}

TEST_CASE_METHOD(dispatch_fixture,
                 "scope all ends with the first of five types",
                 "[actors][dendrite_dispatch]") {
  const auto row
    = GENERATE(std::pair{R"({"__clarification__":true})", "CLARIFICATION"},
               std::pair{R"({"__permission__":true})", "PERMISSION"},
               std::pair{R"({"__error__":true})", "ERROR NEURON_ERROR"},
               std::pair{"{}", "AGENT_OUTPUT"});
  auto host = serving(
    "a", [&](const json&, const json&) { return json::parse(row.first); });
  CHECK(outcome_of(from.dispatch_and_wait({.neuron = "a"})) == row.second);
}

TEST_CASE_METHOD(dispatch_fixture,
                 "scope terminal ends with FINAL or ERROR only",
                 "[actors][dendrite_dispatch]") {
  held_neuron held;
  auto host = serving("a", held.neuron());
  auto reply = dispatch_later(
    from, {.neuron = "a", .trace_id = "trc_t", .scope = scope::terminal});
  sim.run();
  held.calls().at(0).done.deliver({{"__clarification__", true}});
  sim.run();
  CHECK(traffic(signal_type::CLARIFICATION).size() == 1);
  CHECK(outcome_of(*reply) == "nothing yet");
  // Somebody answers by a second TASK on the trace.
  REQUIRE(
    from.dispatch_task({.neuron = "a", .trace_id = "trc_t", .finalize = true}));
  sim.run();
  held.calls().at(1).done.deliver({{"done", true}});
  sim.run();
  REQUIRE(outcome_of(*reply) == "FINAL");
  CHECK((**reply)->output() == json{{"done", true}});
}

TEST_CASE_METHOD(dispatch_fixture, "an answer after the deadline is ignored",
                 "[actors][dendrite_dispatch]") {
  held_neuron held;
  auto host = serving("a", held.neuron());
  CHECK(outcome_of(from.dispatch_and_wait({.neuron = "a", .timeout = 1s}))
        == "timeout");
  held.calls().at(0).done.deliver(json::object());
  sim.run();
  CHECK(traffic(signal_type::AGENT_OUTPUT).size() == 1);
  // Nobody told the worker to stop.
  CHECK(traffic(signal_type::STOP).empty());
}

TEST_CASE_METHOD(dispatch_fixture, "a finished wait leaves nothing behind",
                 "[actors][dendrite_dispatch]") {
  auto host = serving("a", echo());
  REQUIRE(from.dispatch_and_wait({.neuron = "a"}));
  sim.run();
  auto base = sim.actors_alive();
  for (int i = 0; i < 10; ++i) {
    auto reply = from.dispatch_and_wait(
      {.neuron = i % 2 == 0 ? "a" : "nobody", .trace_id = "trc_same"});
    CHECK(outcome_of(reply) == (i % 2 == 0 ? "AGENT_OUTPUT" : "timeout"));
  }
  sim.run();
  CHECK(sim.actors_alive() == base);
  CHECK(outcome_of(from.observe_pathway("trc_same")) == "ok");
}

TEST_CASE_METHOD(dispatch_fixture, "a dispatcher may host the Neuron itself",
                 "[actors][dendrite_dispatch]") {
  REQUIRE(from.attach_axon({.neuron_id = "own", .neuron = echo()}));
  REQUIRE_FALSE(from.start());
  CHECK(outcome_of(from.dispatch_and_wait({.neuron = "own"}))
        == "AGENT_OUTPUT");
  CHECK(outcome_of(
          from.dispatch_and_wait({.neuron = "own", .scope = scope::terminal}))
        == "FINAL");
}

TEST_CASE_METHOD(dispatch_fixture, "an observer sees what the originator sees",
                 "[actors][dendrite_dispatch]") {
  auto host = serving("a", echo());
  auto other = worker("other");
  auto watched = other.observe_pathway("trc_w");
  REQUIRE(watched);
  CHECK(watched->role() == "observer");
  CHECK(outcome_of(other.observe_pathway("trc_w")) == "already_exists");
  auto reply = from.dispatch_and_wait({.neuron = "a", .trace_id = "trc_w"});
  REQUIRE(reply);
  auto seen = watched->wait(1s);
  REQUIRE(seen);
  CHECK(seen->id() == reply->id());
}

TEST_CASE_METHOD(dispatch_fixture, "observing publishes nothing",
                 "[actors][dendrite_dispatch]") {
  CHECK(outcome_of(from.observe_pathway("trc_w")) == "ok");
  CHECK(outcome_of(from.observe_pathway("evt_w")) == "bad_trace_id");
  CHECK(outcome_of(from.observe_pathway("")) == "bad_trace_id");
  sim.run();
  CHECK(traffic().empty());
}

TEST_CASE_METHOD(dispatch_fixture, "RECALL and IMPRINT do not reach Pathways",
                 "[actors][dendrite_dispatch]") {
  auto p = from.observe_pathway("trc_w");
  REQUIRE(p);
  auto say = [this](auto payload) {
    auto sig = sim.build().make(std::move(payload), {.trace_id = "trc_w"});
    CHECK_FALSE(bus.publish(signal_subject("default", sig.type()).str(), sig));
  };
  say(payload::recall{});
  say(payload::imprint{});
  say(payload::recalled{});
  sim.run();
  p->close();
  std::string seen;
  for (auto& sig : *p)
    seen += outcome_of(sig) + ' ';
  CHECK(seen == "RECALLED ");
}

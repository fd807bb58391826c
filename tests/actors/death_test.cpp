// SPDX-License-Identifier: Apache-2.0
#include "environment.hpp"
#include "support/bed.hpp"
#include "support/recorded_log.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

namespace {

/// A worker with one Axon and a dispatcher, and one of them dies.
struct death_fixture : bed {
  explicit death_fixture(uint64_t seed = 1) : bed(seed) {
    // nop
  }

  held_neuron held;
  dendrite host = serving(
    {{.neuron_id = "a", .neuron = held.neuron(), .capabilities = {"x"}}});
  dendrite from = orchestrator();
  caf::strong_actor_ptr axon_actor = axon_actor_of(host, "a");
};

/// More deliveries than a dispatch has.
constexpr size_t boundaries = 40;

/// Whenever `victim` dies, what was accepted is answered for at once, and what
/// was not runs into its timeout at the latest.
template <class Victim>
void check_that_dispatchers_hear(Victim victim, scope s) {
  for (size_t steps = 0; steps < boundaries; ++steps) {
    CAPTURE(steps);
    death_fixture f{steps + 1};
    auto reply = f.dispatch_later(f.from, {.neuron = "a", .scope = s});
    f.deliver(steps);
    auto accepted = !f.held.calls().empty();
    f.kill(victim(f));
    f.sim.run();
    if (accepted)
      CHECK(outcome_of(*reply) == "ERROR AXON_EXCEPTION recoverable");
    f.sim.advance(31s);
    auto outcome = outcome_of(*reply);
    CHECK(
      (outcome == "ERROR AXON_EXCEPTION recoverable" || outcome == "timeout"));
  }
}

/// A dispatcher, and a worker that echoes.
struct echo_fixture : bed {
  explicit echo_fixture(uint64_t seed) : bed(seed) {
    // nop
  }

  dendrite host = serving("a", echo());
  dendrite from = orchestrator();
};

} // namespace

// -- Axon ------------------------------------------------------------------------

TEST_CASE_METHOD(death_fixture, "a dead Axon's TASKs are answered by its host",
                 "[actors][death]") {
  recorded_log log;
  auto plain = dispatch_later(from, {.neuron = "a"});
  auto final_ = dispatch_later(from, {.neuron = "a", .scope = scope::terminal});
  auto routed = dispatch_later(from, {.capabilities = {"x"}});
  sim.run();
  REQUIRE(held.calls().size() == 3);
  kill(axon_actor);
  sim.run();
  for (auto& reply : {plain, final_, routed}) {
    REQUIRE(outcome_of(*reply) == "ERROR AXON_EXCEPTION recoverable");
    CHECK((**reply)->directed() == directed::to("a"));
    CHECK((**reply)->parent_id().has_value());
  }
  CHECK(traffic(signal_type::ERROR).size() == 3);
  CHECK(log.count("axon-down") == 1);
  // Its Neuron is asked to give up, and what it says later is discarded.
  CHECK(held.calls().at(0).io.stop_token().stop_requested());
  held.calls().at(0).done.deliver(json::object());
  sim.run();
  CHECK(traffic(signal_type::AGENT_OUTPUT).empty());
}

TEST_CASE_METHOD(death_fixture,
                 "a dead Axon is deregistered, and once only, until it is back",
                 "[actors][death]") {
  kill(axon_actor);
  sim.run();
  CHECK(traffic(signal_type::DEREGISTER).size() == 1);
  CHECK_FALSE(host.stop());
  CHECK(traffic(signal_type::DEREGISTER).size() == 1);
  CHECK_FALSE(host.start());
  CHECK(outcome_of(from.dispatch_and_wait({.capabilities = {"x"}}))
        == "timeout");
  auto reply = dispatch_later(from, {.neuron = "a"});
  sim.run();
  held.calls().back().done.deliver(json::object());
  sim.run();
  CHECK(outcome_of(*reply) == "AGENT_OUTPUT");
}

TEST_CASE("whenever an Axon dies, its dispatcher hears of it",
          "[actors][death]") {
  check_that_dispatchers_hear([](death_fixture& f) { return f.axon_actor; },
                              GENERATE(scope::all, scope::terminal));
}

TEST_CASE("whenever an Axon dies while answering, there is one answer",
          "[actors][death]") {
  for (size_t steps = 0; steps < boundaries; ++steps) {
    CAPTURE(steps);
    echo_fixture f{steps + 1};
    auto axon_actor = f.axon_actor_of(f.host, "a");
    auto reply = f.dispatch_later(
      f.from, {.neuron = "a", .trace_id = "trc_t", .scope = scope::terminal});
    f.deliver(steps);
    f.kill(axon_actor);
    f.sim.advance(31s);
    auto outcome = outcome_of(*reply);
    CHECK((outcome == "FINAL" || outcome == "ERROR AXON_EXCEPTION recoverable"
           || outcome == "timeout"));
    auto story = f.story("trc_t");
    CHECK((story == "TASK" || story == "TASK AGENT_OUTPUT FINAL"
           || story == "TASK ERROR AXON_EXCEPTION recoverable"));
    CHECK((outcome == "timeout") == (story == "TASK"));
  }
}

// -- worker Dendrite -------------------------------------------------------------

TEST_CASE_METHOD(death_fixture,
                 "a dead Dendrite's TASKs may be tried elsewhere",
                 "[actors][death]") {
  auto reply = dispatch_later(from, {.neuron = "a"});
  sim.run();
  kill(host.handle());
  sim.run();
  REQUIRE(outcome_of(*reply) == "ERROR AXON_EXCEPTION recoverable");
  CHECK((**reply)->directed() == directed::to("a"));
  CHECK((**reply)->parent_id() == traffic(signal_type::TASK).at(0).id());
  CHECK(held.calls().at(0).io.stop_token().stop_requested());
}

TEST_CASE("whenever a worker dies, its dispatcher hears of it",
          "[actors][death]") {
  check_that_dispatchers_hear([](death_fixture& f) { return f.host.handle(); },
                              scope::all);
}

TEST_CASE_METHOD(death_fixture, "a dead Dendrite takes its actors along",
                 "[actors][death]") {
  auto opened = from.dispatch({.neuron = "a"});
  auto reply = dispatch_later(from, {.neuron = "a"});
  REQUIRE(opened);
  sim.run();
  // Whoever tells the Neurons is a worker, which is kept.
  auto alive = [this] {
    return sim.actors_alive() - sim.runtime().environment()->idle_workers();
  };
  auto base = alive();
  kill(host.handle()); // and its Axon
  sim.run();
  CHECK(alive() == base - 2);
  kill(from.handle()); // and its Pathway, although it is lent
  sim.run();
  CHECK(alive() == base - 4);
  CHECK(opened->closed());
  CHECK(outcome_of(opened->wait(1s)) == "pathway_closed");
}

TEST_CASE_METHOD(death_fixture, "a dead Dendrite's handle says so",
                 "[actors][death]") {
  kill(host.handle());
  kill(from.handle());
  sim.run();
  CHECK(outcome_of(host.start()) == "not_connected");
  CHECK(outcome_of(host.stop()) == "not_connected");
  CHECK(outcome_of(host.attach_axon({.neuron_id = "b", .neuron = echo()}))
        == "not_connected");
  CHECK(outcome_of(from.dispatch({.neuron = "a"})) == "not_connected");
  CHECK(outcome_of(from.dispatch_and_wait({.neuron = "a"})) == "not_connected");
  CHECK(outcome_of(from.observe_pathway("trc_t")) == "not_connected");
}

TEST_CASE_METHOD(death_fixture, "the Axon of a dead Dendrite is free again",
                 "[actors][death]") {
  axon what{{.neuron_id = "b", .neuron = echo()}};
  auto first = serving(what, "first");
  kill(first.handle());
  sim.run();
  auto second = serving(what, "second");
  CHECK(outcome_of(from.dispatch_and_wait({.neuron = "b"})) == "AGENT_OUTPUT");
}

// -- dispatching Dendrite --------------------------------------------------------

TEST_CASE("whenever a dispatcher dies, its callers hear of it",
          "[actors][death]") {
  for (size_t steps = 0; steps < boundaries; ++steps) {
    CAPTURE(steps);
    death_fixture f{steps + 1};
    auto reply = f.dispatch_later(f.from, {.neuron = "a"});
    auto opened = f.ask_later<opened_pathway>(f.from.handle(), dispatch_atom_v,
                                              dispatch_options{.neuron = "a"});
    f.deliver(steps);
    f.kill(f.from.handle());
    f.sim.run();
    auto outcome = outcome_of(*reply);
    // CAF's name for a dead receiver; the facade translates it.
    CHECK((outcome == "pathway_closed"
           || outcome.find("request_receiver_down") != std::string::npos));
    CHECK(opened->has_value());
  }
}

// -- Synapse ---------------------------------------------------------------------

TEST_CASE_METHOD(death_fixture,
                 "a closed bus ends waits and later calls by name",
                 "[actors][death]") {
  auto opened = from.dispatch({.neuron = "a"});
  REQUIRE(opened);
  auto reply = dispatch_later(from, {.neuron = "a"});
  auto wait = ask_later<signal>(opened->handle(), wait_atom_v, types::waking,
                                caf::timespan{caf::infinite});
  sim.run();
  bus.close();
  sim.run();
  CHECK(outcome_of(*reply) == "pathway_closed");
  CHECK(outcome_of(*wait) == "pathway_closed");
  CHECK(opened->closed());
  // Nobody can hear the answer any more.
  CHECK(held.calls().at(0).io.stop_token().stop_requested());
  CHECK(outcome_of(from.dispatch_task({.neuron = "a"})) == "not_connected");
  CHECK(outcome_of(from.dispatch({.neuron = "a"})) == "not_connected");
  CHECK(outcome_of(from.dispatch_and_wait({.neuron = "a"})) == "not_connected");
  CHECK(outcome_of(from.observe_pathway("trc_t")) == "not_connected");
  CHECK(outcome_of(from.emit(sim.build().make(payload::plan{})))
        == "not_connected");
  CHECK(outcome_of(from.start()) == "not_connected");
  CHECK(outcome_of(host.start()) == "not_connected");
  CHECK(outcome_of(host.stop()) == "ok");
}

TEST_CASE("whenever the bus dies, its dispatchers hear of it",
          "[actors][death]") {
  const auto close = GENERATE(false, true);
  for (size_t steps = 0; steps < boundaries; ++steps) {
    CAPTURE(steps, close);
    death_fixture f{steps + 1};
    auto reply = f.dispatch_later(f.from, {.neuron = "a"});
    f.deliver(steps);
    if (close)
      f.bus.close();
    else
      f.kill(f.bus.handle());
    f.sim.run();
    // Asked after the restart, it is served as ever: this Neuron never answers.
    f.sim.advance(31s);
    auto outcome = outcome_of(*reply);
    CHECK((outcome == "pathway_closed"
           || outcome == (close ? "not_connected" : "timeout")));
  }
}

TEST_CASE("a bus that is gone does not hold up a drain", "[actors][death]") {
  bed f;
  held_neuron held;
  auto host = f.sim.runtime().dendrite(
    f.bus, {.role = role::worker, .drain_on_stop = 1h});
  REQUIRE(host.attach_axon({.neuron_id = "a", .neuron = held.neuron()}));
  REQUIRE_FALSE(host.start());
  REQUIRE(f.orchestrator().dispatch_task({.neuron = "a"}));
  f.sim.run();
  bool stopped = false;
  f.sim.runtime().system().spawn<caf::hidden>(
    [&, hdl = host.handle()](caf::event_based_actor* self) {
      self->request(hdl, caf::infinite, stop_atom_v, ""s).then([&] {
        stopped = true;
      });
    });
  f.sim.run();
  CHECK_FALSE(stopped);
  f.kill(f.bus.handle());
  f.sim.run();
  CHECK(stopped);
}

// -- Pathway ---------------------------------------------------------------------

TEST_CASE_METHOD(death_fixture, "a consumer that goes away is forgotten",
                 "[actors][death]") {
  sim.run();
  auto base = sim.actors_alive();
  {
    auto opened = from.dispatch({.neuron = "a", .trace_id = "trc_t"});
    REQUIRE(opened);
    sim.run();
    CHECK(sim.actors_alive() == base + 1);
  }
  sim.run();
  CHECK(sim.actors_alive() == base);
  // The work goes on, and its answer finds nobody.
  held.calls().at(0).done.deliver(json::object());
  sim.run();
  CHECK(story("trc_t") == "TASK AGENT_OUTPUT");
}

TEST_CASE_METHOD(death_fixture, "a killed Pathway is forgotten",
                 "[actors][death]") {
  auto opened = from.dispatch({.neuron = "a", .trace_id = "trc_t"});
  REQUIRE(opened);
  sim.run();
  kill(opened->handle());
  sim.run();
  CHECK(opened->closed());
  CHECK(outcome_of(opened->wait(1s)) == "pathway_closed");
  CHECK_FALSE(opened->next());
  CHECK(outcome_of(from.observe_pathway("trc_t")) == "ok");
}

TEST_CASE("whenever a consumer goes away, its Pathway does too",
          "[actors][death]") {
  for (size_t steps = 0; steps < boundaries; ++steps) {
    CAPTURE(steps);
    echo_fixture f{steps + 1};
    REQUIRE(f.from.dispatch_task({.neuron = "a"}));
    f.sim.run();
    auto base = f.sim.actors_alive();
    {
      auto opened = f.ask_later<opened_pathway>(
        f.from.handle(), dispatch_atom_v,
        dispatch_options{.neuron = "a", .trace_id = "trc_t"});
      f.deliver(steps);
      if (!opened->has_value())
        f.sim.run();
      REQUIRE((opened->has_value() && **opened));
      cosmo::pathway p{***opened, f.sim.runtime().environment()};
      opened->reset();
    }
    f.sim.run();
    CHECK(f.sim.actors_alive() == base);
    CHECK(f.story("trc_t") == "TASK AGENT_OUTPUT");
  }
}

// -- everything ------------------------------------------------------------------

TEST_CASE("a simulation ends with everything in flight", "[actors][death]") {
  // Handles of all kinds go before, with and after their runtime.
  std::optional<pathway> opened;
  std::optional<dendrite> kept;
  held_neuron held;
  {
    bed f;
    kept = f.orchestrator();
    auto host = f.serving("a", held.neuron());
    opened = *kept->dispatch({.neuron = "a"});
    f.sim.run();
    REQUIRE(held.calls().size() == 1);
  }
  CHECK(held.calls()[0].io.stop_token().stop_requested());
  held.calls()[0].done.deliver(json::object());
  held.calls()[0].io.think("anybody?");
  CHECK(opened->trace_id().starts_with("trc_"));
  CHECK(outcome_of(opened->wait(1s)) == "pathway_closed");
  CHECK(opened->closed());
  CHECK(outcome_of(kept->dispatch({.neuron = "a"})) == "not_connected");
}

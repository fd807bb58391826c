// SPDX-License-Identifier: Apache-2.0
#include "support/bed.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

namespace {

struct stop_trace_fixture : bed {
  stop_trace_fixture() {
    REQUIRE(!from.start());
  }

  answer<signal> ask(std::string neuron_id, std::string trace_id = "trc_t") {
    auto result = dispatch_later(
      from, {.neuron = std::move(neuron_id), .trace_id = std::move(trace_id)});
    sim.run();
    return result;
  }

  held_neuron held;
  dendrite from = orchestrator();
};

} // namespace

// -- sending -------------------------------------------------------------------

TEST_CASE_METHOD(stop_trace_fixture, "a STOP says what it was told and no more",
                 "[actors][dendrite_stop_trace]") {
  auto plain = from.emit_stop("trc_t");
  REQUIRE(plain);
  CHECK(plain->payload() == json{{"rollback", false}});
  auto full = from.emit_stop("trc_t", true, "enough");
  REQUIRE(full);
  CHECK(full->payload() == json{{"rollback", true}, {"reason", "enough"}});
  CHECK(full->trace_id() == "trc_t");
  CHECK_FALSE(full->parent_id());
  CHECK_FALSE(full->directed());
  sim.run();
  CHECK(traffic(signal_type::STOP).size() == 2);
  CHECK(traffic(signal_type::STOPPED).empty());
}

TEST_CASE_METHOD(stop_trace_fixture, "workers stop nothing",
                 "[actors][dendrite_stop_trace]") {
  auto host = serving("n", echo());
  CHECK(outcome_of(host.emit_stop("trc_t")) == "protocol_violation");
  CHECK(outcome_of(host.stop_trace("trc_t", {.collect_acks = true}))
        == "protocol_violation");
  CHECK(outcome_of(from.emit_stop("nonsense")) == "bad_trace_id");
  CHECK(outcome_of(from.stop_trace("nonsense")) == "bad_trace_id");
}

TEST_CASE_METHOD(stop_trace_fixture,
                 "a Dendrite that was never started stops what runs on it",
                 "[actors][dendrite_stop_trace]") {
  auto host = serving("n", held.neuron());
  auto other = orchestrator("other");
  auto reply = ask("n");
  REQUIRE(other.emit_stop("trc_t"));
  sim.run();
  CHECK(outcome_of(*reply) == "pathway_closed");
}

// -- acknowledgements ----------------------------------------------------------

TEST_CASE_METHOD(stop_trace_fixture,
                 "whoever had a stake acknowledges, and its work ends",
                 "[actors][dendrite_stop_trace]") {
  auto host = serving("n", held.neuron());
  auto reply = ask("n");
  auto acks = from.stop_trace("trc_t", {.collect_acks = true});
  REQUIRE(acks);
  REQUIRE(acks->size() == 2);
  auto stop = traffic(signal_type::STOP).at(0);
  int64_t cancelled = 0;
  for (auto& ack : *acks) {
    CHECK(ack.parent_id() == stop.id());
    cancelled += ack.get_if<payload::stopped>()->cancelled;
  }
  CHECK(cancelled == 1);
  CHECK(outcome_of(*reply) == "pathway_closed");
  CHECK(held.calls()[0].io.stop_token().stop_requested());
  held.calls()[0].done.deliver(json::object());
  sim.run();
  CHECK(traffic(signal_type::AGENT_OUTPUT).empty());
}

TEST_CASE_METHOD(stop_trace_fixture,
                 "acknowledgements are collected for the whole time",
                 "[actors][dendrite_stop_trace]") {
  auto stop = sim.build().make(payload::stop{}, {.trace_id = "trc_t"});
  auto acks = ask_later<std::vector<signal>>(from.handle(), emit_atom_v,
                                             signal{stop}, caf::timespan{1s});
  sim.advance(900ms);
  auto ack = [&](std::string parent) {
    REQUIRE(!bus.publish(
      "cosmonapse.default.STOPPED",
      sim.build().make(payload::stopped{},
                       {.trace_id = "trc_t", .parent_id = std::move(parent)})));
  };
  ack(stop.id());
  ack("evt_other");
  ack(stop.id());
  sim.advance(99ms);
  CHECK(outcome_of(*acks) == "nothing yet");
  sim.advance(1ms);
  REQUIRE(outcome_of(*acks) == "ok");
  CHECK((**acks)->size() == 2);
}

TEST_CASE_METHOD(stop_trace_fixture, "whoever does not collect does not wait",
                 "[actors][dendrite_stop_trace]") {
  auto host = serving("n", held.neuron());
  auto reply = ask("n");
  auto acks = from.stop_trace("trc_t", {.rollback = true, .reason = "why"});
  REQUIRE(acks);
  CHECK(acks->empty());
  sim.run();
  CHECK(outcome_of(*reply) == "pathway_closed");
}

TEST_CASE_METHOD(stop_trace_fixture,
                 "a Dendrite that ends hands out what it has collected",
                 "[actors][dendrite_stop_trace]") {
  auto host = serving("n", held.neuron());
  auto reply = ask("n");
  auto stop = sim.build().make(payload::stop{}, {.trace_id = "trc_t"});
  auto acks = ask_later<std::vector<signal>>(from.handle(), emit_atom_v,
                                             signal{stop}, caf::timespan{1h});
  sim.run();
  REQUIRE(!from.stop());
  sim.run();
  REQUIRE(outcome_of(*acks) == "ok");
  CHECK((**acks)->size() == 2);
}

TEST_CASE_METHOD(stop_trace_fixture, "only a STOP can be collected for",
                 "[actors][dendrite_stop_trace]") {
  signal plan = sim.build().make(payload::plan{}, {});
  auto acks = ask_later<std::vector<signal>>(from.handle(), emit_atom_v, plan,
                                             caf::timespan{1s});
  sim.run();
  CHECK(outcome_of(*acks) == "protocol_violation");
}

// -- child traces --------------------------------------------------------------

namespace {

/// A Neuron that dispatches to `next` and returns at once, or never.
struct parent_fixture : stop_trace_fixture {
  any_neuron dispatching(dispatch_options what) {
    return [this, what](const json&, const json&, const neuron_io& io) {
      auto path = io.dispatch(what);
      CHECK(path);
      paths.push_back(std::move(*path));
      return json::object();
    };
  }

  /// Orchestrators: only they dispatch.
  dendrite hosting(std::string neuron_id, any_neuron neuron) {
    auto result = orchestrator("host of " + neuron_id);
    REQUIRE(result.attach_axon(
      {.neuron_id = std::move(neuron_id), .neuron = std::move(neuron)}));
    REQUIRE(!result.start());
    return result;
  }

  std::vector<signal> stops() {
    return traffic(signal_type::STOP);
  }

  std::vector<pathway> paths;
};

} // namespace

TEST_CASE_METHOD(parent_fixture, "a STOP reaches what the TASK has dispatched",
                 "[actors][dendrite_stop_trace]") {
  auto leaf = serving("leaf", held.neuron());
  auto middle = hosting("middle", dispatching({.neuron = "leaf"}));
  auto root = hosting("root", dispatching({.neuron = "middle"}));
  auto reply = ask("root");
  REQUIRE(held.calls().size() == 1);
  CHECK(outcome_of(*reply) == "AGENT_OUTPUT");
  REQUIRE(from.emit_stop("trc_t", true, "all of it"));
  sim.run();
  CHECK(held.calls()[0].io.stop_token().stop_requested());
  REQUIRE(stops().size() == 3);
  for (auto& stop : stops()) {
    CHECK(stop.payload() == json{{"rollback", true}, {"reason", "all of it"}});
    CHECK(stop.meta() == json::object());
  }
  CHECK(stops()[1].trace_id() == paths[1].trace_id());
  CHECK(stops()[2].trace_id() == paths[0].trace_id());
  // A second STOP finds nothing to pass on.
  REQUIRE(from.emit_stop("trc_t"));
  sim.run();
  CHECK(stops().size() == 4);
}

TEST_CASE_METHOD(parent_fixture, "a child may be left alone",
                 "[actors][dendrite_stop_trace]") {
  auto leaf = serving("leaf", held.neuron());
  SECTION("because it was asked for") {
    auto root
      = hosting("root", dispatching({.neuron = "leaf", .inherit_stop = false}));
    (void)ask("root");
    REQUIRE(from.emit_stop("trc_t"));
    sim.run();
    CHECK(stops().size() == 1);
  }
  SECTION("because it has reached its FINAL") {
    auto root
      = hosting("root", dispatching({.neuron = "leaf", .finalize = true}));
    (void)ask("root");
    held.calls().at(0).done.deliver(json::object());
    sim.run();
    REQUIRE(from.emit_stop("trc_t"));
    sim.run();
    CHECK(stops().size() == 1);
  }
  SECTION("because its parent has reached its FINAL") {
    auto root = hosting("root", dispatching({.neuron = "leaf"}));
    (void)ask("root");
    REQUIRE(from.emit_final({}, {.trace_id = "trc_t", .parent_id = "evt_t"}));
    sim.run();
    REQUIRE(from.emit_stop("trc_t"));
    sim.run();
    CHECK(stops().size() == 1);
  }
  SECTION("because another trace was stopped") {
    auto root = hosting("root", dispatching({.neuron = "leaf"}));
    (void)ask("root");
    REQUIRE(from.emit_stop("trc_other"));
    sim.run();
    CHECK(stops().size() == 1);
  }
}

TEST_CASE_METHOD(parent_fixture,
                 "a child on the trace of its parent needs no STOP of its own",
                 "[actors][dendrite_stop_trace]") {
  auto leaf = serving("leaf", held.neuron());
  auto root
    = hosting("root", dispatching({.neuron = "leaf", .trace_id = "trc_t"}));
  (void)ask("root");
  REQUIRE(from.emit_stop("trc_t"));
  sim.run();
  CHECK(stops().size() == 1);
  CHECK(held.calls()[0].io.stop_token().stop_requested());
}

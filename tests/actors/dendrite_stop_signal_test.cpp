// SPDX-License-Identifier: Apache-2.0
#include "support/bed.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

namespace {

struct stop_fixture : bed {
  signal stop(payload::stop what = {}, json meta = nullptr) {
    signal sig
      = sim.build().make(what, {.trace_id = "trc_t", .meta = std::move(meta)});
    CHECK_FALSE(bus.publish("cosmonapse.default.STOP", sig));
    sim.run();
    return sig;
  }

  answer<signal> ask(std::string trace_id = "trc_t") {
    auto result
      = dispatch_later(from, {.neuron = "a", .trace_id = std::move(trace_id)});
    sim.run();
    return result;
  }

  /// A TASK on the stopped trace, built before or after this moment.
  signal task() {
    return sim.build().make(
      payload::task{}, {.trace_id = "trc_t", .directed = directed::to("a")});
  }

  void publish(const signal& sig) {
    CHECK_FALSE(bus.publish(signal_subject("default", sig.type()).str(), sig));
    sim.run();
  }

  held_neuron held;
  dendrite host = serving("a", held.neuron());
  dendrite from = orchestrator();
};

} // namespace

TEST_CASE_METHOD(stop_fixture, "STOP cancels the work of its trace",
                 "[actors][dendrite_stop_signal]") {
  auto one = ask();
  auto two = ask();
  auto other = ask("trc_other");
  auto sent = stop({.rollback = true, .reason = "enough"});
  REQUIRE(held.calls().size() == 3);
  CHECK(held.calls()[0].io.stop_token().stop_requested());
  CHECK(held.calls()[1].io.stop_token().stop_requested());
  CHECK_FALSE(held.calls()[2].io.stop_token().stop_requested());
  auto acks = traffic(signal_type::STOPPED);
  REQUIRE_FALSE(acks.empty());
  CHECK(acks[0].trace_id() == "trc_t");
  CHECK(acks[0].parent_id() == sent.id());
  CHECK_FALSE(acks[0].directed());
  CHECK(acks[0].payload()
        == json{{"rolled_back", true},
                {"cancelled", 2},
                {"compensated", 0},
                {"node", "worker"}});
  // Other work goes on.
  held.calls()[2].done.deliver(json::object());
  sim.run();
  CHECK(outcome_of(*other) == "AGENT_OUTPUT");
}

TEST_CASE_METHOD(stop_fixture, "cancelled work publishes nothing",
                 "[actors][dendrite_stop_signal]") {
  auto reply = ask();
  stop();
  auto& call = held.calls().at(0);
  call.io.think("still thinking");
  call.io.escalate("help");
  CHECK(outcome_of(call.io.dispatch({.neuron = "a"})) == "cancelled");
  call.done.deliver({{"late", true}});
  sim.advance(1min);
  CHECK(story("trc_t") == "TASK STOP STOPPED STOPPED");
  CHECK(outcome_of(*reply) == "pathway_closed");
}

TEST_CASE_METHOD(stop_fixture, "STOP closes the trace's Pathways and is seen",
                 "[actors][dendrite_stop_signal]") {
  auto opened = from.dispatch({.neuron = "a", .trace_id = "trc_t"});
  auto watched = host.observe_pathway("trc_t");
  REQUIRE(opened);
  REQUIRE(watched);
  sim.run();
  bool seen = false;
  opened->on(signal_type::STOP, [&](const signal&) { seen = true; });
  auto wait = ask_later<signal>(opened->handle(), wait_atom_v, types::waking,
                                caf::timespan{caf::infinite});
  auto sent = stop();
  CHECK(seen);
  CHECK(opened->closed());
  CHECK(watched->closed());
  CHECK(outcome_of(*wait) == "pathway_closed");
  auto first = watched->next();
  REQUIRE(first);
  CHECK(first->id() == sent.id());
  CHECK_FALSE(watched->next());
}

TEST_CASE_METHOD(stop_fixture, "only who had a stake acknowledges",
                 "[actors][dendrite_stop_signal]") {
  auto bystander = worker("bystander");
  REQUIRE_FALSE(bystander.start());
  auto reply = ask();
  stop();
  auto acks = traffic(signal_type::STOPPED);
  REQUIRE(acks.size() == 2);
  // The worker had work, the dispatcher a Pathway.
  CHECK(acks[0].payload()["node"] == "worker");
  CHECK(acks[0].payload()["cancelled"] == 1);
  CHECK(acks[1].payload()["node"] == "orchestrator");
  CHECK(acks[1].payload()["cancelled"] == 0);
}

TEST_CASE_METHOD(stop_fixture, "everybody acknowledges who is asked to",
                 "[actors][dendrite_stop_signal]") {
  stop({}, {{"ack", "always"}});
  auto acks = traffic(signal_type::STOPPED);
  REQUIRE(acks.size() == 1);
  CHECK(acks[0].payload()["cancelled"] == 0);
  stop({}, {{"ack", "sometimes"}});
  CHECK(traffic(signal_type::STOPPED).size() == 1);
}

TEST_CASE_METHOD(stop_fixture, "a STOP on an unknown trace does nothing",
                 "[actors][dendrite_stop_signal]") {
  auto other = ask("trc_other");
  stop();
  CHECK(traffic(signal_type::STOPPED).empty());
  CHECK(outcome_of(*other) == "nothing yet");
}

TEST_CASE_METHOD(stop_fixture, "a TASK that a STOP overtook is dropped",
                 "[actors][dendrite_stop_signal]") {
  auto early = task();
  sim.advance(1s);
  stop();
  publish(early);
  CHECK(held.calls().empty());
  // Of the same instant counts as overtaken, too.
  publish(task());
  CHECK(held.calls().empty());
  sim.advance(1us);
  publish(task());
  CHECK(held.calls().size() == 1);
}

TEST_CASE_METHOD(stop_fixture, "work accepted after a STOP runs normally",
                 "[actors][dendrite_stop_signal]") {
  auto first = ask();
  stop();
  sim.advance(1s);
  auto second = ask();
  REQUIRE(held.calls().size() == 2);
  held.calls()[1].done.deliver(json::object());
  sim.run();
  CHECK(outcome_of(*first) == "pathway_closed");
  CHECK(outcome_of(*second) == "AGENT_OUTPUT");
}

TEST_CASE_METHOD(stop_fixture, "a tombstone is forgotten in time",
                 "[actors][dendrite_stop_signal]") {
  auto early = task();
  auto earlier = task();
  stop();
  sim.advance(60s - 1us);
  publish(early);
  CHECK(held.calls().empty());
  sim.advance(1us);
  publish(earlier);
  CHECK(held.calls().size() == 1);
}

TEST_CASE_METHOD(stop_fixture,
                 "a later STOP moves the tombstone, an earlier "
                 "one does not",
                 "[actors][dendrite_stop_signal]") {
  signal earliest = sim.build().make(payload::stop{}, {.trace_id = "trc_t"});
  sim.advance(1s);
  auto between = task();
  sim.advance(1s);
  stop();
  publish(earliest);
  publish(between);
  CHECK(held.calls().empty());
}

TEST_CASE_METHOD(stop_fixture,
                 "a repeated STOP is acknowledged and spares "
                 "what began after it",
                 "[actors][dendrite_stop_signal]") {
  auto first = ask();
  auto sent = stop({}, {{"ack", "always"}});
  auto acks = traffic(signal_type::STOPPED).size();
  sim.advance(1s);
  auto second = ask();
  publish(sent);
  CHECK(traffic(signal_type::STOPPED).size() > acks);
  CHECK(outcome_of(*second) == "nothing yet");
  held.calls().at(1).done.deliver(json::object());
  sim.run();
  CHECK(outcome_of(*second) == "AGENT_OUTPUT");
}

TEST_CASE_METHOD(stop_fixture, "an orchestrator may stop what it hosts",
                 "[actors][dendrite_stop_signal]") {
  auto own = orchestrator("own");
  REQUIRE(own.attach_axon({.neuron_id = "own", .neuron = held.neuron()}));
  REQUIRE_FALSE(own.start());
  auto reply = dispatch_later(own, {.neuron = "own", .trace_id = "trc_t"});
  sim.run();
  signal sig = sim.build().make(payload::stop{}, {.trace_id = "trc_t"});
  CHECK(outcome_of(own.emit(sig)) == "ok");
  sim.run();
  CHECK(outcome_of(*reply) == "pathway_closed");
  auto acks = traffic(signal_type::STOPPED);
  REQUIRE(acks.size() == 1);
  CHECK(acks[0].payload()["cancelled"] == 1);
}

TEST_CASE_METHOD(stop_fixture,
                 "a dispatcher that was not started hears its "
                 "own STOP",
                 "[actors][dendrite_stop_signal]") {
  auto reply = ask();
  signal sig = sim.build().make(payload::stop{}, {.trace_id = "trc_t"});
  CHECK(outcome_of(from.emit(sig)) == "ok");
  sim.run();
  CHECK(outcome_of(*reply) == "pathway_closed");
  CHECK(held.calls().at(0).io.stop_token().stop_requested());
}

TEST_CASE_METHOD(stop_fixture, "a plain Neuron's waiting turn is cancelled",
                 "[actors][dendrite_stop_signal]") {
  int runs = 0;
  axon what{{.neuron_id = "p",
             .neuron =
               [&](const json&, const json&) {
                 ++runs;
                 // Comes in while this runs; the other TASK still waits.
                 caf::anon_send(bus.handle(), caf::publish_atom_v,
                                subject{"cosmonapse.default.STOP"},
                                signal{sim.build().make(
                                  payload::stop{}, {.trace_id = "trc_t"})});
                 sim.run();
                 return json::object();
               },
             .concurrency = 1}};
  auto other = serving(what, "plain");
  auto one = dispatch_later(from, {.neuron = "p", .trace_id = "trc_t"});
  auto two = dispatch_later(from, {.neuron = "p", .trace_id = "trc_t"});
  sim.run();
  CHECK(outcome_of(*one) == "pathway_closed");
  CHECK(outcome_of(*two) == "pathway_closed");
  CHECK(runs == 1);
  CHECK(traffic(signal_type::AGENT_OUTPUT).empty());
}

TEST_CASE_METHOD(stop_fixture, "a stop and a STOP at once answer once",
                 "[actors][dendrite_stop_signal]") {
  auto reply = ask();
  signal sig = sim.build().make(payload::stop{}, {.trace_id = "trc_t"});
  caf::anon_send(bus.handle(), caf::publish_atom_v,
                 subject{"cosmonapse.default.STOP"}, sig);
  CHECK_FALSE(host.stop());
  sim.run();
  auto outcome = outcome_of(*reply);
  CHECK((outcome == "pathway_closed"
         || outcome == "ERROR DENDRITE_STOPPED recoverable"));
  CHECK(traffic(signal_type::ERROR).size()
          + (traffic(signal_type::STOPPED).empty() ? 0 : 1)
        >= 1);
}

// SPDX-License-Identifier: Apache-2.0
#include "support/bed.hpp"
#include "support/odd_engram.hpp"
#include "support/recorded_log.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

namespace {

using texts = std::vector<std::string>;

struct revival_fixture : bed {
  explicit revival_fixture(uint64_t seed = 1) : bed(seed) {
    REQUIRE(!from.start());
  }

  answer<signal> ask(std::string neuron_id = "n",
                     std::string trace_id = "trc_t") {
    auto result = dispatch_later(
      from, {.neuron = std::move(neuron_id), .trace_id = std::move(trace_id)});
    sim.run();
    return result;
  }

  void kill_axon(const dendrite& host, std::string neuron_id = "n") {
    kill(axon_actor_of(host, std::move(neuron_id)));
    sim.run();
  }

  child_info find(std::string_view id) {
    auto search
      = [&](auto& self, const child_info& tree) -> std::optional<child_info> {
      if (tree.id == id)
        return tree;
      for (auto& child : tree.children)
        if (auto found = self(self, child))
          return found;
      return std::nullopt;
    };
    auto found = search(search, sim.runtime().tree());
    REQUIRE(found);
    return *found;
  }

  recorded_log log;
  dendrite from = orchestrator();
};

} // namespace

// -- Axons ---------------------------------------------------------------------

TEST_CASE_METHOD(revival_fixture, "an Axon that dies comes back after a pause",
                 "[actors][dendrite_revival]") {
  texts heard;
  axon mine{{.neuron_id = "n", .neuron = echo(), .capabilities = {"x"}}};
  mine.on_connect([&](const axon&) { heard.push_back("connect"); });
  mine.on_refresh([&](const axon&, const refresh_event& event) {
    heard.push_back(event.reason);
  });
  auto host = serving(mine);
  sim.run();
  kill_axon(host);
  CHECK(traffic(signal_type::DEREGISTER).size() == 1);
  CHECK(find("n").state == child_state::restarting);
  sim.advance(100ms);
  CHECK(traffic(signal_type::REGISTER).size() == 2);
  auto about = find("n");
  CHECK(about.state == child_state::running);
  CHECK(about.restarts == 1);
  CHECK(about.last_reason == caf::exit_reason::kill);
  CHECK(heard == texts{"connect", "connect", "restart"});
  // By the same handles as before.
  CHECK(outcome_of(from.dispatch_and_wait({.neuron = "n"})) == "AGENT_OUTPUT");
  CHECK(outcome_of(from.dispatch_and_wait({.capabilities = {"x"}}))
        == "AGENT_OUTPUT");
  auto offer = from.dispatch_offer({.capabilities = {"x"}});
  CHECK(outcome_of(offer) == "ok");
  CHECK(host.axon("n"));
}

TEST_CASE_METHOD(revival_fixture,
                 "a TASK for an Axon that is coming back waits for it",
                 "[actors][dendrite_revival]") {
  auto host = serving("n", echo());
  kill_axon(host);
  auto reply = ask();
  CHECK(outcome_of(*reply) == "nothing yet");
  CHECK(find("n").stashed == 1);
  sim.advance(100ms);
  CHECK(outcome_of(*reply) == "AGENT_OUTPUT");
}

TEST_CASE_METHOD(revival_fixture, "what waits for an Axon may be stopped",
                 "[actors][dendrite_revival]") {
  auto host = serving("n", echo());
  kill_axon(host);
  auto reply = ask();
  SECTION("by STOP") {
    auto acks
      = from.stop_trace("trc_t", {.collect_acks = true, .timeout = 50ms});
    REQUIRE(acks);
    CHECK(std::ranges::count_if(
            *acks,
            [](const signal& ack) {
              return ack.get_if<payload::stopped>()->cancelled == 1;
            })
          == 1);
    CHECK(outcome_of(*reply) == "pathway_closed");
  }
  SECTION("by the end of the Dendrite's service") {
    REQUIRE(!host.stop());
    sim.run();
    CHECK(outcome_of(*reply) == "ERROR DENDRITE_STOPPED recoverable");
  }
  SECTION("by detaching the Axon") {
    REQUIRE(!host.detach_axon("n"));
    sim.run();
    CHECK(outcome_of(*reply) == "ERROR DENDRITE_STOPPED recoverable");
  }
  SECTION("by the death of the Dendrite") {
    kill(host.handle());
    sim.run();
    CHECK(outcome_of(*reply) == "ERROR AXON_EXCEPTION recoverable");
  }
  sim.advance(1min);
  CHECK(traffic(signal_type::AGENT_OUTPUT).empty());
}

TEST_CASE_METHOD(revival_fixture,
                 "more TASKs than may wait are answered at once",
                 "[actors][dendrite_revival]") {
  auto host = serving("n", echo());
  kill_axon(host);
  std::vector<answer<signal>> replies;
  for (int i = 0; i < 1'030; ++i)
    replies.push_back(dispatch_later(from, {.neuron = "n"}));
  sim.run();
  sim.advance(1s);
  auto count = [&](std::string_view outcome) {
    return std::ranges::count_if(
      replies, [&](auto& reply) { return outcome_of(*reply) == outcome; });
  };
  CHECK(count("AGENT_OUTPUT") == 1'024);
  CHECK(count("ERROR AXON_EXCEPTION recoverable") == 6);
  auto& letters = sim.runtime().dead_letters();
  CHECK(letters.count(dead_letter_reason::stash_overflow) == 6);
}

TEST_CASE_METHOD(revival_fixture,
                 "an Axon that keeps dying is looked after now and then",
                 "[actors][dendrite_revival]") {
  auto host = serving("n", echo());
  for (int i = 0; i < 6; ++i) {
    kill_axon(host);
    if (i < 5)
      sim.advance(2s);
  }
  auto reply = ask();
  CHECK(outcome_of(*reply) == "ERROR AXON_EXCEPTION recoverable");
  sim.advance(29s);
  CHECK(find("n").state == child_state::restarting);
  sim.advance(1s);
  CHECK(outcome_of(from.dispatch_and_wait({.neuron = "n"})) == "AGENT_OUTPUT");
  CHECK(find("n").restarts == 6);
}

TEST_CASE_METHOD(revival_fixture,
                 "an Axon does not come back to a Dendrite that has stopped",
                 "[actors][dendrite_revival]") {
  auto host = serving("n", echo());
  kill_axon(host);
  REQUIRE(!host.stop());
  sim.advance(1min);
  CHECK(traffic(signal_type::REGISTER).size() == 1);
  REQUIRE(!host.start());
  sim.run();
  CHECK(traffic(signal_type::REGISTER).size() == 2);
  CHECK(outcome_of(from.dispatch_and_wait({.neuron = "n"})) == "AGENT_OUTPUT");
}

// -- Synapse -------------------------------------------------------------------

TEST_CASE_METHOD(revival_fixture, "a bus that fails is replaced, and all go on",
                 "[actors][dendrite_revival]") {
  held_neuron held;
  auto host = serving("n", echo());
  auto busy = serving("busy", held.neuron());
  REQUIRE(host.add_engram(std::make_shared<odd_engram>()));
  auto waiting = ask("busy");
  int heard = 0;
  REQUIRE(from.on_agent_output([&](const signal&) { ++heard; }));
  sim.run();
  auto before = bus.handle();
  kill(before);
  sim.run();
  CHECK(bus.handle() != before);
  CHECK(outcome_of(*waiting) == "pathway_closed");
  CHECK(held.calls().at(0).io.stop_token().stop_requested());
  // By the same handles as before.
  CHECK(outcome_of(from.dispatch_and_wait({.neuron = "n"})) == "AGENT_OUTPUT");
  CHECK(outcome_of(from.recall({.engram_id = "odd"})) == "ok");
  CHECK(outcome_of(from.dispatch_offer({})) == "ok");
  sim.run();
  CHECK(heard >= 1);
  CHECK_FALSE(traffic(signal_type::AGENT_OUTPUT).empty());
  CHECK(find("synapse").restarts == 1);
  // New Dendrites are on the same bus.
  auto late = orchestrator("late");
  CHECK(outcome_of(late.dispatch_and_wait({.neuron = "n"})) == "AGENT_OUTPUT");
  CHECK(late.synapse()->handle() == bus.handle());
}

TEST_CASE_METHOD(revival_fixture,
                 "a Dendrite that did not run does not begin to",
                 "[actors][dendrite_revival]") {
  auto host = serving("n", echo());
  REQUIRE(!host.stop());
  kill(bus.handle());
  sim.run();
  CHECK(find("worker").state == child_state::terminated);
  REQUIRE(!host.start());
  CHECK(outcome_of(from.dispatch_and_wait({.neuron = "n"})) == "AGENT_OUTPUT");
}

TEST_CASE_METHOD(revival_fixture, "a bus that keeps failing is given up",
                 "[actors][dendrite_revival]") {
  for (int i = 0; i < 6; ++i) {
    kill(bus.handle());
    sim.run();
  }
  CHECK(outcome_of(from.dispatch_and_wait({.neuron = "n"})) == "not_connected");
  CHECK(log.count("synapse-given-up") == 1);
  CHECK(log.count("synapse-restarted") == 5);
}

TEST_CASE_METHOD(revival_fixture,
                 "a subscription survives its bus, and can be ended then",
                 "[actors][dendrite_revival]") {
  int heard = 0;
  auto handle = bus.subscribe("x", [&](const signal&) { ++heard; });
  REQUIRE(handle);
  kill(bus.handle());
  sim.run();
  auto sig = sim.build().make(payload::plan{});
  REQUIRE(!bus.publish("x", sig));
  sim.run();
  CHECK(heard == 1);
  handle->unsubscribe();
  REQUIRE(!bus.publish("x", sig));
  sim.run();
  CHECK(heard == 1);
}

// -- the tree ------------------------------------------------------------------

TEST_CASE_METHOD(revival_fixture, "a runtime shows itself as a tree",
                 "[actors][dendrite_revival]") {
  auto host = serving("n", echo());
  REQUIRE(host.attach_engram(std::make_shared<odd_engram>()));
  kill_axon(host);
  auto tree = sim.runtime().tree();
  CHECK(tree.id == "runtime");
  CHECK(to_string(tree)
        == "runtime: supervisor, running\n"s
             + "  synapse: worker, running\n"
               "  orchestrator: supervisor, running\n"
               "  worker: supervisor, running\n"
               "    n: worker, restarting, restarts: 1, last: "
             + to_string(caf::make_error(caf::exit_reason::kill))
             + "\n"
               "    odd: worker, terminated\n");
}

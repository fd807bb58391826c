// SPDX-License-Identifier: Apache-2.0
#include "support/bed.hpp"
#include "support/moody_store.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

namespace {

struct restart_fixture : bed {
  std::shared_ptr<moody_store> store = std::make_shared<moody_store>();
  held_neuron held;

  dendrite with_store() {
    auto result = sim.runtime().dendrite(bus, {.registry_store = store});
    REQUIRE(result.attach_axon({.neuron_id = "a", .neuron = echo()}));
    return result;
  }

  /// A Dendrite that was told to stop and waits ten seconds for its work.
  dendrite draining() {
    auto result = sim.runtime().dendrite(bus, {.drain_on_stop = 10s});
    REQUIRE(result.attach_axon({.neuron_id = "a", .neuron = held.neuron()}));
    REQUIRE(!result.start());
    REQUIRE(result.dispatch_task({.neuron = "a"}));
    sim.run();
    caf::anon_send(result.handle(), stop_atom_v, std::string{});
    sim.run();
    REQUIRE(held.calls().size() == 1);
    return result;
  }

  size_t said(signal_type type) {
    sim.run();
    return traffic(type).size();
  }

  size_t runs = 0;
  size_t under_way = 0;
  size_t most_under_way = 0;

  /// Counts its calls; the first one restarts the Dendrite and takes its time.
  auto restarting(dendrite& host) {
    return [this, &host](const auto&...) {
      most_under_way = std::max(most_under_way, ++under_way);
      if (++runs == 1) {
        CHECK(!host.stop());
        CHECK(!host.start());
        sim.advance(3s);
      }
      --under_way;
    };
  }
};

} // namespace

// -- what comes while a stop waits -----------------------------------------------

TEST_CASE_METHOD(restart_fixture,
                 "a schedule added while draining waits for the next start",
                 "[actors][dendrite_restart]") {
  auto host = draining();
  REQUIRE(!host.on_schedule(1s, [&](const dendrite&) { ++runs; }));
  sim.advance(20s);
  CHECK(runs == 0);
  REQUIRE(!host.start());
  sim.advance(10s);
  CHECK(runs == 10);
}

TEST_CASE_METHOD(restart_fixture,
                 "an Axon added while draining waits for the next start",
                 "[actors][dendrite_restart]") {
  auto host = draining();
  REQUIRE(host.add_axon({.neuron_id = "b", .neuron = echo()}));
  sim.advance(100s);
  CHECK(said(signal_type::REGISTER) == 1);
  CHECK(said(signal_type::HEARTBEAT) == 0);
  REQUIRE(!host.start());
  CHECK(said(signal_type::REGISTER) == 3);
  CHECK(outcome_of(host.dispatch_and_wait({.neuron = "b"})) == "AGENT_OUTPUT");
}

// -- what an earlier life left behind --------------------------------------------

TEST_CASE_METHOD(restart_fixture,
                 "an answer to DISCOVER does not outlive a restart",
                 "[actors][dendrite_restart]") {
  auto host = serving("a", echo());
  REQUIRE(!orchestrator().emit(sim.build().make(payload::discover{})));
  sim.run();
  REQUIRE(!host.stop());
  REQUIRE(!host.start());
  sim.advance(1s);
  // One for each start.
  CHECK(said(signal_type::REGISTER) == 2);
}

TEST_CASE_METHOD(restart_fixture,
                 "the heartbeat begins anew when all Axons were gone",
                 "[actors][dendrite_restart]") {
  auto host = serving("a", echo());
  sim.advance(20s);
  REQUIRE(!host.detach_axon("a"));
  REQUIRE(host.add_axon({.neuron_id = "b", .neuron = echo()}));
  sim.advance(30s - 1ns);
  CHECK(said(signal_type::HEARTBEAT) == 0);
  sim.advance(1ns);
  CHECK(said(signal_type::HEARTBEAT) == 1);
}

TEST_CASE_METHOD(restart_fixture,
                 "a schedule never overlaps itself, not even over a restart",
                 "[actors][dendrite_restart]") {
  auto host = worker();
  axon a{{.neuron_id = "a", .neuron = echo()}};
  SECTION("of the Dendrite") {
    REQUIRE(!host.on_schedule(1s, restarting(host)));
  }
  SECTION("of an Axon") {
    REQUIRE(!a.on_schedule(1s, restarting(host)));
  }
  REQUIRE(host.attach_axon(a));
  REQUIRE(!host.start());
  sim.advance(10s);
  CHECK(most_under_way == 1);
  CHECK(runs > 1);
}

TEST_CASE_METHOD(restart_fixture,
                 "an on_connect hook ends before the restart calls it again",
                 "[actors][dendrite_restart]") {
  auto host = worker();
  axon a{{.neuron_id = "a", .neuron = echo()}};
  SECTION("of the Dendrite") {
    REQUIRE(!host.on_connect(restarting(host)));
  }
  SECTION("of an Axon") {
    a.on_connect(restarting(host));
    REQUIRE(host.attach_axon(a));
  }
  REQUIRE(!host.start());
  sim.run();
  CHECK(most_under_way == 1);
  CHECK(runs == 2);
}

TEST_CASE_METHOD(restart_fixture,
                 "the failure of an overtaken start does not fail the next one",
                 "[actors][dendrite_restart]") {
  auto host = with_store();
  auto start_later
    = [&] { return ask_later<caf::unit_t>(host.handle(), start_atom_v); };
  answer<caf::unit_t> second;
  store->next_connect = [&] {
    caf::anon_send(host.handle(), stop_atom_v, std::string{});
    sim.run();
    second = start_later();
    sim.run();
    return make_error(ec::store_busy, "moody.db");
  };
  auto first = start_later();
  sim.run();
  CHECK(outcome_of(*first) == "cancelled");
  REQUIRE(second);
  CHECK(outcome_of(*second) == "ok");
  CHECK(said(signal_type::REGISTER) == 1);
}

// -- the end of the bus ----------------------------------------------------------

TEST_CASE_METHOD(restart_fixture, "the end of the bus takes Axons down",
                 "[actors][dendrite_restart]") {
  bool closed = false;
  axon b{{.neuron_id = "b",
          .neuron = any_neuron{echo()}.on_close([&] { closed = true; })}};
  REQUIRE(!b.on_schedule(1s, [&](const axon&) { ++runs; }));
  auto host = with_store();
  REQUIRE(host.attach_axon(b));
  REQUIRE(!host.start());
  sim.advance(1s);
  REQUIRE(runs == 1);
  bus.close();
  sim.advance(10s);
  CHECK(runs == 1);
  CHECK(closed);
  CHECK(store->get("a")->status == "deregistered");
  CHECK(store->get("b")->status == "deregistered");
}

TEST_CASE_METHOD(restart_fixture,
                 "a start fails when the bus ends before the store is open",
                 "[actors][dendrite_restart]") {
  auto host = with_store();
  store->next_connect = [&] {
    bus.close();
    sim.run();
    return caf::error{};
  };
  CHECK(outcome_of(host.start()) == "not_connected");
  sim.run();
  CHECK(store->list({})->empty());
}

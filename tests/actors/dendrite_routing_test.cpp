// SPDX-License-Identifier: Apache-2.0
#include "support/bed.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

namespace {

struct routing_fixture : bed {
  any_neuron named(std::string name) {
    return [this, name = std::move(name)](const json&, const json&) {
      ran.push_back(name);
      return json{{"by", name}};
    };
  }

  axon offering(std::string id, std::vector<std::string> capabilities,
                std::string kind = "neuron") {
    return {{.neuron_id = id,
             .neuron = named(id),
             .capabilities = std::move(capabilities),
             .neuron_kind = std::move(kind)}};
  }

  /// Puts a TASK on the bus as any participant may.
  void publish(payload::task what, std::optional<directed> to,
               const char* subject = "cosmonapse.default.TASK") {
    auto sig = sim.build().make(std::move(what), {.directed = std::move(to)});
    CHECK_FALSE(bus.publish(subject, sig));
    sim.run();
  }

  std::string who(dispatch_options options) {
    options.timeout = 100ms;
    auto reply = from.dispatch_and_wait(std::move(options));
    return reply ? std::string{reply->directed_id()} : outcome_of(reply);
  }

  std::vector<std::string> ran;
  dendrite from = orchestrator();
};

using names = std::vector<std::string>;

} // namespace

TEST_CASE_METHOD(routing_fixture, "an addressed TASK reaches its host alone",
                 "[actors][dendrite_routing]") {
  auto one = serving(offering("a", {}), "one");
  auto two = serving(offering("b", {}), "two");
  CHECK(who({.neuron = "b"}) == "b");
  CHECK(who({.neuron = "a"}) == "a");
  CHECK(who({.neuron = "c"}) == "timeout");
  CHECK(ran == names{"b", "a"});
}

TEST_CASE_METHOD(routing_fixture, "capabilities beside an address only inform",
                 "[actors][dendrite_routing]") {
  auto host = serving(offering("a", {"x"}));
  CHECK(who({.neuron = "a", .capabilities = {"y"}}) == "a");
  CHECK(who({.neuron = "b", .capabilities = {"x"}}) == "timeout");
}

TEST_CASE_METHOD(routing_fixture, "one Axon must cover all that is requested",
                 "[actors][dendrite_routing]") {
  auto host = worker();
  REQUIRE(host.attach_axon(offering("xy", {"x", "y"})));
  REQUIRE(host.attach_axon(offering("z", {"z"})));
  REQUIRE_FALSE(host.start());
  CHECK(who({.capabilities = {"x"}}) == "xy");
  CHECK(who({.capabilities = {"y", "x"}}) == "xy");
  CHECK(who({.capabilities = {"z"}}) == "z");
  CHECK(who({.capabilities = {"x", "z"}}) == "timeout");
  CHECK(who({.capabilities = {"X"}}) == "timeout");
}

TEST_CASE_METHOD(routing_fixture, "the first Axon that covers a request serves",
                 "[actors][dendrite_routing]") {
  auto host = worker();
  REQUIRE(host.attach_axon(offering("first", {"x"})));
  REQUIRE(host.attach_axon(offering("second", {"x", "y"})));
  REQUIRE_FALSE(host.start());
  CHECK(who({.capabilities = {"x"}}) == "first");
  CHECK(who({.capabilities = {"x"}}) == "first");
  CHECK(who({.capabilities = {"y"}}) == "second");
}

TEST_CASE_METHOD(routing_fixture, "a routed TASK goes past a dead Axon",
                 "[actors][dendrite_routing]") {
  auto host = worker();
  REQUIRE(host.attach_axon(offering("first", {"x"})));
  REQUIRE(host.attach_axon(offering("second", {"x"})));
  REQUIRE_FALSE(host.start());
  CHECK(who({.capabilities = {"x"}}) == "first");
  kill(axon_actor_of(host, "first"));
  sim.run();
  CHECK(who({.capabilities = {"x"}}) == "second");
}

TEST_CASE_METHOD(routing_fixture, "equal workers share routed TASKs",
                 "[actors][dendrite_routing]") {
  auto one = serving(offering("a", {"x", "y"}), "one");
  auto two = serving(offering("b", {"y", "x"}), "two");
  for (int i = 0; i < 4; ++i)
    CHECK(who({.capabilities = {"x"}}) != "timeout");
  CHECK(ran == names{"a", "b", "a", "b"});
}

TEST_CASE_METHOD(routing_fixture, "different profiles each get a copy",
                 "[actors][dendrite_routing]") {
  auto one = serving(offering("a", {"x"}), "one");
  auto two = serving(offering("b", {"x", "y"}), "two");
  REQUIRE(from.dispatch_task({.capabilities = {"x"}}));
  sim.run();
  CHECK(ran == names{"a", "b"});
}

TEST_CASE_METHOD(routing_fixture, "a routed TASK has a subject of its own",
                 "[actors][dendrite_routing]") {
  int plain = 0;
  int routed = 0;
  REQUIRE(
    bus.subscribe("cosmonapse.default.TASK", [&](const signal&) { ++plain; }));
  REQUIRE(bus.subscribe("cosmonapse.default.TASK.routed",
                        [&](const signal&) { ++routed; }));
  REQUIRE(from.dispatch_task({.capabilities = {"x"}}));
  sim.run();
  CHECK((plain == 0 && routed == 1));
  REQUIRE(from.dispatch_task({.neuron = "a", .capabilities = {"x"}}));
  sim.run();
  CHECK((plain == 1 && routed == 1));
  // What is emitted goes the same way.
  auto task = sim.build().make(payload::task{.capabilities = {"x"}});
  CHECK(outcome_of(from.emit(task)) == "ok");
  sim.run();
  CHECK((plain == 1 && routed == 2));
}

TEST_CASE_METHOD(routing_fixture, "the first criterion given decides alone",
                 "[actors][dendrite_routing]") {
  auto host = worker();
  REQUIRE(host.attach_axon(offering("a", {"x"}, "planner")));
  REQUIRE(host.attach_axon(offering("b", {"x"}, "critic")));
  REQUIRE_FALSE(host.start());
  SECTION("the kind, without an id") {
    publish({}, directed{{}, "critic", {}});
    CHECK(ran == names{"b"});
  }
  SECTION("an empty id is none") {
    publish({}, directed{"", "critic", {}});
    CHECK(ran == names{"b"});
  }
  SECTION("an unknown kind is not made up for by capabilities") {
    publish({.capabilities = {"x"}}, directed{{}, "singer", {}});
    CHECK(ran.empty());
  }
  SECTION("an id wins over a kind") {
    publish({}, directed{"a", "critic", {}});
    CHECK(ran == names{"a"});
  }
  SECTION("an unknown id is not made up for by a kind") {
    publish({.capabilities = {"x"}}, directed{"c", "critic", {}});
    CHECK(ran.empty());
  }
  SECTION("capabilities may stand in the address") {
    publish({}, directed{{}, {}, {"x"}});
    CHECK(ran == names{"a"});
  }
  SECTION("those of the payload come first") {
    publish({.capabilities = {"y"}}, directed{{}, {}, {"x"}});
    CHECK(ran.empty());
  }
  SECTION("a TASK for nobody in particular is dropped") {
    publish({}, std::nullopt);
    CHECK(ran.empty());
  }
}

TEST_CASE_METHOD(routing_fixture, "a TASK that comes twice runs once",
                 "[actors][dendrite_routing]") {
  auto host = serving(offering("a", {"x"}));
  auto task = sim.build().make(payload::task{.capabilities = {"x"}},
                               {.directed = directed::to("a")});
  auto send = [&](const char* where) {
    CHECK_FALSE(bus.publish(where, task));
    sim.run();
  };
  send("cosmonapse.default.TASK");
  send("cosmonapse.default.TASK");
  send("cosmonapse.default.TASK.routed");
  CHECK(ran.size() == 1);
  sim.advance(59s);
  send("cosmonapse.default.TASK");
  CHECK(ran.size() == 1);
  sim.advance(61s);
  send("cosmonapse.default.TASK");
  CHECK(ran.size() == 2);
}

TEST_CASE_METHOD(routing_fixture, "without a window every copy runs",
                 "[actors][dendrite_routing]") {
  auto host
    = sim.runtime().dendrite(bus, {.role = role::worker, .dedup_window = 0s});
  REQUIRE(host.attach_axon(offering("a", {})));
  REQUIRE_FALSE(host.start());
  auto task
    = sim.build().make(payload::task{}, {.directed = directed::to("a")});
  for (int i = 0; i < 2; ++i) {
    CHECK_FALSE(bus.publish("cosmonapse.default.TASK", task));
    sim.run();
  }
  CHECK(ran.size() == 2);
}

TEST_CASE_METHOD(routing_fixture, "two hosts of one id both serve it",
                 "[actors][dendrite_routing]") {
  auto one = serving(offering("a", {}), "one");
  auto two = serving(offering("a", {}), "two");
  REQUIRE(from.dispatch_task({.neuron = "a"}));
  sim.run();
  CHECK(ran == names{"a", "a"});
}

TEST_CASE_METHOD(routing_fixture, "namespaces do not hear each other",
                 "[actors][dendrite_routing]") {
  auto host = serving(offering("a", {"x"}));
  auto stranger = sim.runtime().dendrite(bus, {.name_space = "other"});
  CHECK(
    outcome_of(stranger.dispatch_and_wait({.neuron = "a", .timeout = 100ms}))
    == "timeout");
  CHECK(outcome_of(
          stranger.dispatch_and_wait({.capabilities = {"x"}, .timeout = 100ms}))
        == "timeout");
  CHECK(ran.empty());
}

TEST_CASE_METHOD(routing_fixture, "an unreadable TASK for us is answered",
                 "[actors][dendrite_routing]") {
  auto host = serving(offering("a", {}));
  auto task = sim.build().make(
    payload::task{}, {.trace_id = "trc_bad", .directed = directed::to("a")});
  auto broken
    = signal::make_wire(task.envelope(), signal_type::TASK,
                        json{{"input", json::object()}, {"capabilities", 7}});
  CHECK_FALSE(bus.publish("cosmonapse.default.TASK", broken));
  sim.run();
  CHECK(ran.empty());
  CHECK(story("trc_bad") == "TASK ERROR AXON_EXCEPTION");
  CHECK(traffic().back().parent_id() == task.id());
}

TEST_CASE_METHOD(routing_fixture, "the routed group follows the hosted Axons",
                 "[actors][dendrite_routing]") {
  auto host = serving(offering("a", {"x"}));
  CHECK(who({.capabilities = {"y"}}) == "timeout");
  REQUIRE(host.add_axon(offering("b", {"y"})));
  CHECK(who({.capabilities = {"y"}}) == "b");
  CHECK(who({.capabilities = {"x"}}) == "a");
  CHECK_FALSE(host.detach_axon("a"));
  CHECK(who({.capabilities = {"x"}}) == "timeout");
  CHECK(who({.capabilities = {"y"}}) == "b");
  CHECK(ran == names{"b", "a", "b"});
}

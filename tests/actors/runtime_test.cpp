// SPDX-License-Identifier: Apache-2.0
#include "support/bed.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

TEST_CASE_METHOD(bed, "memory: is the bus inside the runtime",
                 "[actors][runtime]") {
  auto one = sim.runtime().connect("memory:");
  auto two = sim.runtime().connect("memory:");
  REQUIRE(one);
  REQUIRE(two);
  CHECK(one->handle() == two->handle());
  CHECK(one->handle() == bus.handle());
}

TEST_CASE_METHOD(bed, "memory: is a new bus after the old one was closed",
                 "[actors][runtime]") {
  auto host = serving("a", echo());
  bus.close();
  auto again = sim.runtime().connect("memory:");
  REQUIRE(again);
  CHECK(again->handle() != bus.handle());
  int seen = 0;
  REQUIRE(again->subscribe("a", [&](const signal&) { ++seen; }));
  auto sig = sim.build().make(payload::plan{});
  CHECK(outcome_of(bus.publish("a", sig)) == "not_connected");
  CHECK(outcome_of(again->publish("a", sig)) == "ok");
  sim.run();
  CHECK(seen == 1);
  // Nobody of the old bus came along.
  auto from = sim.runtime().dendrite(*again);
  CHECK(outcome_of(from.dispatch_and_wait({.neuron = "a"})) == "timeout");
}

TEST_CASE("two runtimes have two buses", "[actors][runtime]") {
  bed a;
  bed b;
  auto host = a.serving("a", echo());
  CHECK(outcome_of(b.orchestrator().dispatch_and_wait({.neuron = "a"}))
        == "timeout");
  CHECK(outcome_of(a.orchestrator().dispatch_and_wait({.neuron = "a"}))
        == "AGENT_OUTPUT");
}

TEST_CASE_METHOD(bed, "a transport that is not built in is named",
                 "[actors][runtime]") {
  const auto url = GENERATE("cosmo://127.0.0.1:7000", "nats://host",
                            "kafka://host", "caf://host:1");
  auto made = sim.runtime().connect(url);
  CHECK(outcome_of(made) == "unsupported_transport");
  CHECK(text_of(made).find(url) != std::string::npos);
}

TEST_CASE_METHOD(bed, "a URL of no known kind is a bad argument",
                 "[actors][runtime]") {
  const auto url = GENERATE("", ":", "memory", "http://host",
                            "Memory:", "memory:x", " memory:", "cosmos://h");
  CAPTURE(url);
  auto made = sim.runtime().connect(url);
  CHECK(outcome_of(made) == "bad_argument");
  CHECK(text_of(made).find(url) != std::string::npos);
}

TEST_CASE_METHOD(bed, "a Dendrite without a bus says why, in every call",
                 "[actors][runtime]") {
  auto d = sim.runtime().dendrite(sim.runtime().connect("nats://host"));
  CHECK(outcome_of(d.start()) == "unsupported_transport");
  CHECK(outcome_of(d.stop()) == "unsupported_transport");
  CHECK(outcome_of(d.attach_axon({.neuron_id = "a", .neuron = echo()}))
        == "unsupported_transport");
  CHECK(outcome_of(d.detach_axon("a")) == "unsupported_transport");
  CHECK(outcome_of(d.dispatch({.neuron = "a"})) == "unsupported_transport");
  CHECK(outcome_of(d.dispatch_task({.neuron = "a"}))
        == "unsupported_transport");
  CHECK(outcome_of(d.dispatch_and_wait({.neuron = "a"}))
        == "unsupported_transport");
  CHECK(outcome_of(d.observe_pathway("trc_t")) == "unsupported_transport");
  CHECK(outcome_of(d.emit(sim.build().make(payload::plan{})))
        == "unsupported_transport");
  CHECK_FALSE(d.handle());
  auto scope = running(d);
  CHECK_FALSE(scope);
  CHECK(outcome_of(scope.error()) == "unsupported_transport");
}

TEST_CASE_METHOD(bed, "bad options come up in the calls", "[actors][runtime]") {
  auto d = sim.runtime().dendrite(bus, {.name_space = "not.one"});
  CHECK(outcome_of(d.start()) == "bad_argument");
  CHECK(text_of(d.start()).find("not.one") != std::string::npos);
  CHECK(outcome_of(d.dispatch({.neuron = "a"})) == "bad_argument");
  CHECK(d.options().name_space == "not.one");
}

TEST_CASE_METHOD(bed, "ids come from the runtime's world",
                 "[actors][runtime]") {
  CHECK(sim.runtime().new_trace_id().starts_with("trc_"));
  CHECK(sim.runtime().new_event_id().starts_with("evt_"));
  CHECK(sim.runtime().new_engram_id().starts_with("eng_"));
  CHECK(sim.runtime().new_event_id() != sim.runtime().new_event_id());
  testing::simulation other{77};
  testing::simulation same{77};
  CHECK(other.runtime().new_event_id() == same.runtime().new_event_id());
}

TEST_CASE("a runtime's end stops its Dendrites, the last first",
          "[actors][runtime]") {
  testing::simulation sim;
  std::vector<std::string> seen;
  auto own = std::make_unique<runtime>(sim.runtime().system(), sim.outside(),
                                       [&sim] { return sim.run() > 0; });
  auto bus = own->connect("memory:");
  REQUIRE(bus);
  REQUIRE(bus->subscribe("cosmonapse.>", [&](const signal& sig) {
    seen.push_back(outcome_of(sig) + ' ' + std::string{sig.directed_id()});
  }));
  held_neuron held;
  for (auto id : {"a", "b"}) {
    auto d = own->dendrite(bus, {.dendrite_id = id});
    REQUIRE(d.attach_axon({.neuron_id = id, .neuron = held.neuron()}));
    REQUIRE_FALSE(d.start());
  }
  auto from = own->dendrite(bus);
  REQUIRE(from.dispatch_task({.neuron = "a"}));
  sim.run();
  own.reset();
  sim.run();
  CHECK(seen
        == std::vector<std::string>{
          "REGISTER a", "REGISTER b", "TASK a", "DEREGISTER b",
          "ERROR DENDRITE_STOPPED recoverable a", "DEREGISTER a"});
}

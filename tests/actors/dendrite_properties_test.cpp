// SPDX-License-Identifier: Apache-2.0
#include "support/bed.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace cosmo;
using namespace cosmo::test;

namespace {

using texts = std::vector<std::string>;

} // namespace

TEST_CASE_METHOD(bed, "capabilities are those of all attached Axons, each once",
                 "[actors][dendrite_properties]") {
  auto host = worker();
  CHECK(host.capabilities().empty());
  REQUIRE(host.attach_axon(
    {.neuron_id = "a", .neuron = echo(), .capabilities = {"chat", "Ask"}}));
  REQUIRE(host.attach_axon(
    {.neuron_id = "b", .neuron = echo(), .capabilities = {"draw", "chat"}}));
  CHECK(host.capabilities() == texts{"Ask", "chat", "draw"});
  REQUIRE(!host.detach_axon("a"));
  CHECK(host.capabilities() == texts{"chat", "draw"});
}

TEST_CASE_METHOD(bed, "attached Axons are found in order and by id",
                 "[actors][dendrite_properties]") {
  auto host = worker();
  for (auto id : {"b", "a"})
    REQUIRE(host.attach_axon({.neuron_id = id, .neuron = echo()}));
  REQUIRE(host.axons().size() == 2);
  CHECK(host.axons().front().neuron_id() == "b");
  REQUIRE(host.axon("a"));
  CHECK(host.axon("a")->neuron_id() == "a");
  CHECK_FALSE(host.axon("c"));
  REQUIRE(!host.start());
  REQUIRE(!host.detach_axon("a"));
  CHECK_FALSE(host.axon("a"));
}

TEST_CASE_METHOD(bed, "a Dendrite knows what it was made of",
                 "[actors][dendrite_properties]") {
  auto d = sim.runtime().dendrite(bus);
  CHECK(d.options().dendrite_id == "dendrite");
  CHECK(d.options().role == role::orchestrator);
  CHECK(d.options().name_space == "default");
  REQUIRE(d.synapse());
  CHECK(d.synapse()->handle() == bus.handle());
}

TEST_CASE_METHOD(bed, "a Dendrite with bad options says so wherever it is used",
                 "[actors][dendrite_properties]") {
  auto bad
    = sim.runtime().dendrite(bus, {.heartbeat = std::chrono::nanoseconds{-1}});
  auto question = sim.build().make(payload::clarification{});
  CHECK(outcome_of(bad.start()) == "bad_argument");
  CHECK(text_of(bad.start()).find("heartbeat") != std::string::npos);
  CHECK(outcome_of(bad.on_plan([](const signal&) {})) == "bad_argument");
  CHECK(outcome_of(bad.on_connect([](const dendrite&) {})) == "bad_argument");
  CHECK(outcome_of(bad.emit_plan({}, {})) == "bad_argument");
  CHECK(outcome_of(bad.respond_to_clarification(question, 1))
        == "bad_argument");
  CHECK(outcome_of(bad.answer_clarification(question, 1)) == "bad_argument");
  CHECK(outcome_of(bad.await_decision(question)) == "bad_argument");
  CHECK(outcome_of(bad.find_neurons()) == "bad_argument");
  CHECK(outcome_of(bad.subscribe(signal_type::PLAN, [](const signal&) {}))
        == "bad_argument");
  CHECK(bad.axons().empty());
  CHECK(bad.capabilities().empty());
  auto stale = sim.runtime().dendrite(
    bus, {.stale_after = std::chrono::nanoseconds{-1}});
  CHECK(text_of(stale.start()).find("stale_after") != std::string::npos);
}

TEST_CASE_METHOD(bed, "what was emitted before the start arrives",
                 "[actors][dendrite_properties]") {
  REQUIRE(
    orchestrator().emit_final({}, {.trace_id = "trc_1", .parent_id = "evt_1"}));
  sim.run();
  REQUIRE(traffic(signal_type::FINAL).size() == 1);
}

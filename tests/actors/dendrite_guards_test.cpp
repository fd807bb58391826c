// SPDX-License-Identifier: Apache-2.0
#include "support/bed.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

namespace {

/// A Signal of any type, from an empty payload.
signal of_type(const testing::simulation& sim, signal_type type) {
  auto about = sim.build().make(payload::plan{}).envelope();
  return signal::make_wire(about, type, json::object());
}

std::vector<signal_type> members(signal_type_set set) {
  std::vector<signal_type> result;
  for (size_t i = 0; i < signal_type_count; ++i)
    if (set.contains(static_cast<signal_type>(i)))
      result.push_back(static_cast<signal_type>(i));
  return result;
}

} // namespace

TEST_CASE_METHOD(bed, "a worker may not dispatch",
                 "[actors][dendrite_guards]") {
  auto host = serving("a", echo());
  sim.run();
  auto before = traffic().size();
  auto base = sim.actors_alive();
  // The role comes first: these options are wrong as well.
  const auto options
    = GENERATE(dispatch_options{.neuron = "a"}, dispatch_options{});
  auto refused = host.dispatch_task(options);
  CHECK(outcome_of(refused) == "protocol_violation");
  CHECK(text_of(refused).find("worker") != std::string::npos);
  CHECK(outcome_of(host.dispatch(options)) == "protocol_violation");
  CHECK(outcome_of(host.dispatch_and_wait(options)) == "protocol_violation");
  CHECK(outcome_of(host.dispatch_and_subscribe(options))
        == "protocol_violation");
  sim.run();
  CHECK(traffic().size() == before);
  CHECK(sim.actors_alive() == base);
}

TEST_CASE_METHOD(bed, "a worker may not emit anything",
                 "[actors][dendrite_guards]") {
  auto host = worker();
  for (auto type : members(types::all)) {
    CAPTURE(to_string(type));
    CHECK(outcome_of(host.emit(of_type(sim, type))) == "protocol_violation");
  }
  sim.run();
  CHECK(traffic().empty());
}

TEST_CASE_METHOD(bed, "a worker may serve, observe, start and stop",
                 "[actors][dendrite_guards]") {
  auto host = serving("a", echo());
  auto from = orchestrator();
  CHECK(outcome_of(host.observe_pathway("trc_t")) == "ok");
  CHECK(outcome_of(from.dispatch_and_wait({.neuron = "a"})) == "AGENT_OUTPUT");
  CHECK(outcome_of(
          from.dispatch_and_wait({.neuron = "a", .scope = scope::terminal}))
        == "FINAL");
  CHECK(outcome_of(host.stop()) == "ok");
}

TEST_CASE_METHOD(bed, "emit takes the types of the bus and no others",
                 "[actors][dendrite_guards]") {
  auto from = orchestrator();
  for (auto type : members(types::synapse)) {
    CAPTURE(to_string(type));
    CHECK(outcome_of(from.emit(of_type(sim, type))) == "ok");
  }
  sim.run();
  CHECK(traffic().size() == types::synapse.size());
  for (auto type : members(types::axon - types::synapse)) {
    CAPTURE(to_string(type));
    auto refused = from.emit(of_type(sim, type));
    CHECK(outcome_of(refused) == "protocol_violation");
    CHECK(text_of(refused).find(to_string(type)) != std::string::npos);
  }
  sim.run();
  CHECK(traffic().size() == types::synapse.size());
}

TEST_CASE_METHOD(bed, "what is emitted arrives on its subject",
                 "[actors][dendrite_guards]") {
  std::string seen;
  REQUIRE(bus.subscribe("cosmonapse.default.FINAL",
                        [&](const signal& sig) { seen += sig.id(); }));
  auto sig = sim.build().make(payload::final_{});
  CHECK(outcome_of(orchestrator().emit(sig)) == "ok");
  sim.run();
  CHECK(seen == sig.id());
}

TEST_CASE_METHOD(bed, "a dispatch without target is a bad argument",
                 "[actors][dendrite_guards]") {
  auto from = orchestrator();
  CHECK(outcome_of(from.dispatch_task({})) == "bad_argument");
  CHECK(outcome_of(from.dispatch({})) == "bad_argument");
  CHECK(outcome_of(from.dispatch_and_wait({})) == "bad_argument");
  CHECK(outcome_of(from.dispatch_and_subscribe({})) == "bad_argument");
  sim.run();
  CHECK(traffic().empty());
}

TEST_CASE_METHOD(bed, "a dispatch with bad ids or input is refused by name",
                 "[actors][dendrite_guards]") {
  auto from = orchestrator();
  CHECK(outcome_of(from.dispatch({.neuron = "a", .trace_id = "bad"}))
        == "bad_trace_id");
  CHECK(outcome_of(from.dispatch({.neuron = "a", .trace_id = ""}))
        == "bad_trace_id");
  CHECK(outcome_of(from.dispatch({.neuron = "a", .parent_id = "bad"}))
        == "bad_parent_id");
  CHECK(outcome_of(from.dispatch({.neuron = "a", .input = json::array()}))
        == "bad_argument");
  CHECK(outcome_of(from.dispatch({.neuron = "a", .input = nullptr}))
        == "bad_argument");
  CHECK(outcome_of(from.dispatch_and_wait({.neuron = "a", .meta = 7}))
        == "bad_argument");
  sim.run();
  CHECK(traffic().empty());
}

TEST_CASE_METHOD(bed, "options that cannot work are named",
                 "[actors][dendrite_guards]") {
  CHECK(outcome_of(check(dendrite_options{})) == "ok");
  CHECK(outcome_of(check(dendrite_options{.dedup_window = 0s})) == "ok");
  const auto row = GENERATE(
    std::pair{dendrite_options{.name_space = "a.b"}, "a.b"},
    std::pair{dendrite_options{.name_space = ""}, "namespace"},
    std::pair{dendrite_options{.dedup_window = 59s}, "dedup_window"},
    std::pair{dendrite_options{.dedup_window = -1s}, "dedup_window"},
    std::pair{dendrite_options{.trace_tombstone = -1s}, "trace_tombstone"},
    std::pair{dendrite_options{.drain_on_stop = -1ns}, "drain_on_stop"});
  auto err = check(row.first);
  CHECK(outcome_of(err) == "bad_argument");
  CAPTURE(text_of(err));
  CHECK(text_of(err).find(row.second) != std::string::npos);
}

TEST_CASE_METHOD(bed, "a Dendrite is an orchestrator named dendrite by default",
                 "[actors][dendrite_guards]") {
  auto d = sim.runtime().dendrite(bus);
  CHECK(d.options().role == role::orchestrator);
  CHECK(d.options().dendrite_id == "dendrite");
  CHECK(d.options().name_space == "default");
  CHECK(outcome_of(parse_role("boss")) == "bad_argument");
  CHECK(outcome_of(parse_scope("weird")) == "bad_argument");
}

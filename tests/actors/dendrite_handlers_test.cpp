// SPDX-License-Identifier: Apache-2.0
#include "support/bed.hpp"
#include "support/recorded_log.hpp"
#include <cosmo/memory_registry_store.hpp>

#include <catch2/catch_test_macros.hpp>

#include <stdexcept>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

namespace {

using texts = std::vector<std::string>;

struct handlers_fixture : bed {
  dendrite from = orchestrator();
  texts seen;

  handlers_fixture() {
    REQUIRE(!from.start());
  }

  /// Notes the type and whom the Signal is about.
  signal_handler note(std::string name = {}) {
    return [this, name](const signal& sig) {
      seen.push_back(name + (name.empty() ? "" : ": ")
                     + std::string{to_string(sig.type())} + " "
                     + std::string{sig.directed_id()});
    };
  }

  emit_options about(std::string neuron = "n", std::string trace = "trc_1") {
    return {.trace_id = std::move(trace),
            .parent_id = "evt_1",
            .neuron = std::move(neuron)};
  }

  /// An emitted plan, seen by everybody.
  void plan(std::string neuron = "n", std::string trace = "trc_1") {
    REQUIRE(from.emit_plan({}, about(std::move(neuron), std::move(trace))));
    sim.run();
  }
};

} // namespace

TEST_CASE_METHOD(handlers_fixture,
                 "a named and a generic handler both fire once",
                 "[actors][dendrite_handlers]") {
  REQUIRE(from.on_final(note("named")));
  REQUIRE(from.on_signal({signal_type::FINAL}, note("generic")));
  REQUIRE(from.on_final(note("other"), {.neuron = "somebody else"}));
  REQUIRE(from.emit_final({.result = 1}, about()));
  sim.run();
  CHECK(seen == texts{"named: FINAL n", "generic: FINAL n"});
}

TEST_CASE_METHOD(handlers_fixture, "a typed handler is given the payload",
                 "[actors][dendrite_handlers]") {
  json steps;
  REQUIRE(from.on_plan(
    [&](const signal_of<payload::plan>& sig) { steps = sig.data().steps; }));
  REQUIRE(from.emit_plan({.steps = {"think", "act"}}, about()));
  sim.run();
  CHECK(steps == json{"think", "act"});
}

TEST_CASE_METHOD(handlers_fixture,
                 "an unreadable Signal passes a typed handler by",
                 "[actors][dendrite_handlers]") {
  recorded_log log;
  REQUIRE(from.on_critique(
    [&](const signal_of<payload::critique>&) { seen.push_back("typed"); }));
  REQUIRE(from.on_critique(note()));
  auto hdr = sim.build().make(payload::plan{}).envelope();
  auto broken = signal::make_wire(hdr, signal_type::CRITIQUE, {{"issues", 7}});
  REQUIRE(!from.emit(broken));
  sim.run();
  CHECK(seen == texts{"CRITIQUE "});
  CHECK(log.count("signal-unreadable") == 1);
}

TEST_CASE_METHOD(handlers_fixture,
                 "filters pass what they name and nothing else",
                 "[actors][dendrite_handlers]") {
  REQUIRE(from.on_plan(note("all")));
  REQUIRE(from.on_plan(note("b"), {.neuron = "b"}));
  REQUIRE(from.on_plan(note("trace"), {.trace_id = "trc_2"}));
  plan("a", "trc_1");
  plan("b", "trc_1");
  plan("c", "trc_2");
  CHECK(seen
        == texts{"all: PLAN a", "all: PLAN b", "b: PLAN b", "all: PLAN c",
                 "trace: PLAN c"});
}

TEST_CASE_METHOD(handlers_fixture,
                 "on_trace sees the types it names on its trace",
                 "[actors][dendrite_handlers]") {
  auto host = serving("a", echo());
  auto trace = sim.runtime().new_trace_id();
  REQUIRE(from.on_trace(trace, {signal_type::PLAN, signal_type::AGENT_OUTPUT},
                        note()));
  plan("a", trace);
  plan("a", "trc_other");
  REQUIRE(from.dispatch_and_wait({.neuron = "a", .trace_id = trace}));
  REQUIRE(from.dispatch_and_wait({.neuron = "a"}));
  sim.run();
  CHECK(seen == texts{"PLAN a", "AGENT_OUTPUT a"});
}

TEST_CASE_METHOD(handlers_fixture,
                 "on_trace without types sees everything on it",
                 "[actors][dendrite_handlers]") {
  auto host = serving("a", echo());
  auto trace = sim.runtime().new_trace_id();
  REQUIRE(from.on_trace(trace, note()));
  REQUIRE(from.dispatch_and_wait(
    {.neuron = "a", .trace_id = trace, .scope = scope::terminal}));
  sim.run();
  CHECK(seen == texts{"TASK a", "AGENT_OUTPUT a", "FINAL a"});
}

TEST_CASE_METHOD(handlers_fixture, "on_trace with no types sees all of them",
                 "[actors][dendrite_handlers]") {
  REQUIRE(from.on_trace("trc_1", signal_type_set{}, note()));
  plan();
  plan("other", "trc_2");
  REQUIRE(from.emit_critique({}, about()));
  sim.run();
  CHECK(seen == texts{"PLAN n", "CRITIQUE n"});
}

TEST_CASE_METHOD(handlers_fixture,
                 "a handler keeps its state from call to call",
                 "[actors][dendrite_handlers]") {
  REQUIRE(from.on_plan([this, n = 0](const signal&) mutable {
    seen.push_back(std::to_string(++n));
  }));
  for (int i = 0; i < 3; ++i)
    plan();
  CHECK(seen == texts{"1", "2", "3"});
}

TEST_CASE_METHOD(handlers_fixture,
                 "a late handler sees the next Signal exactly once",
                 "[actors][dendrite_handlers]") {
  plan();
  REQUIRE(from.on_plan(note()));
  CHECK(!from.ensure_subscribed({signal_type::PLAN}));
  plan();
  CHECK(seen.size() == 1);
}

TEST_CASE_METHOD(handlers_fixture, "handlers survive stop and start",
                 "[actors][dendrite_handlers]") {
  REQUIRE(from.on_plan(note()));
  REQUIRE(!from.stop());
  plan("while stopped");
  REQUIRE(!from.start());
  plan("again");
  CHECK(seen == texts{"PLAN again"});
}

TEST_CASE_METHOD(handlers_fixture, "a removed handler is not called any more",
                 "[actors][dendrite_handlers]") {
  auto token = from.on_plan(note());
  REQUIRE(token);
  plan("before");
  token->remove();
  token->remove();
  plan("after");
  CHECK(seen == texts{"PLAN before"});
}

TEST_CASE_METHOD(handlers_fixture, "a handler may remove itself",
                 "[actors][dendrite_handlers]") {
  std::optional<handler_token> token;
  auto made = from.on_plan([&](const signal&) {
    seen.push_back("once");
    token->remove();
  });
  REQUIRE(made);
  token = *made;
  for (int i = 0; i < 3; ++i)
    REQUIRE(from.emit_plan({}, about()));
  sim.run();
  CHECK(seen == texts{"once"});
}

TEST_CASE_METHOD(handlers_fixture, "a throwing handler harms nobody",
                 "[actors][dendrite_handlers]") {
  recorded_log log;
  REQUIRE(
    from.on_plan([](const signal&) { throw std::runtime_error{"ouch"}; }));
  REQUIRE(from.on_plan([](const signal&) { throw 7; }));
  REQUIRE(from.on_plan(note()));
  plan();
  plan();
  CHECK(seen.size() == 2);
  CHECK(log.count("ouch") == 2);
}

TEST_CASE_METHOD(handlers_fixture,
                 "a handler may wait for a dispatch of its own",
                 "[actors][dendrite_handlers]") {
  auto host = serving("a", echo());
  REQUIRE(from.on_plan([&](const signal&) {
    seen.push_back(outcome_of(from.dispatch_and_wait({.neuron = "a"})));
  }));
  plan();
  CHECK(seen == texts{"AGENT_OUTPUT"});
}

TEST_CASE_METHOD(handlers_fixture, "one handler sees Signals in their order",
                 "[actors][dendrite_handlers]") {
  REQUIRE(from.on_signal({signal_type::PLAN, signal_type::CRITIQUE}, note()));
  for (auto name : {"1", "2", "3"}) {
    REQUIRE(from.emit_plan({}, about(name)));
    REQUIRE(from.emit_critique({}, about(name)));
  }
  sim.run();
  CHECK(seen
        == texts{"PLAN 1", "CRITIQUE 1", "PLAN 2", "CRITIQUE 2", "PLAN 3",
                 "CRITIQUE 3"});
}

TEST_CASE_METHOD(handlers_fixture,
                 "on_task_signal sees addressed and routed TASKs",
                 "[actors][dendrite_handlers]") {
  auto token = from.on_task_signal(note());
  REQUIRE(token);
  REQUIRE(from.dispatch_task({.neuron = "a"}));
  REQUIRE(from.dispatch_task({.capabilities = {"c"}}));
  sim.run();
  CHECK(seen == texts{"TASK a", "TASK "});
  token->remove();
  REQUIRE(from.dispatch_task({.neuron = "a"}));
  sim.run();
  CHECK(seen.size() == 2);
}

TEST_CASE_METHOD(handlers_fixture,
                 "who watches TASKs runs a routed one only once",
                 "[actors][dendrite_handlers]") {
  auto host
    = serving({{.neuron_id = "a", .neuron = echo(), .capabilities = {"c"}}});
  REQUIRE(host.on_task_signal(note()));
  REQUIRE(from.dispatch_and_wait({.capabilities = {"c"}}));
  REQUIRE(from.dispatch_and_wait({.neuron = "a"}));
  sim.run();
  CHECK(seen == texts{"TASK ", "TASK a"});
  CHECK(traffic(signal_type::AGENT_OUTPUT).size() == 2);
}

TEST_CASE_METHOD(handlers_fixture, "STOP and STOPPED can be watched",
                 "[actors][dendrite_handlers]") {
  REQUIRE(from.on_signal({signal_type::STOP, signal_type::STOPPED}, note()));
  auto opened = from.dispatch({.neuron = "nobody"});
  REQUIRE(opened);
  REQUIRE(!from.emit(
    sim.build().make(payload::stop{}, {.trace_id = opened->trace_id()})));
  sim.run();
  CHECK(seen == texts{"STOP ", "STOPPED "});
}

TEST_CASE_METHOD(handlers_fixture, "a capability filter asks the attached Axon",
                 "[actors][dendrite_handlers]") {
  REQUIRE(
    from.add_axon({.neuron_id = "a", .neuron = echo(), .capabilities = {"c"}}));
  REQUIRE(from.on_plan(note("c"), {.capability = "c"}));
  REQUIRE(from.on_plan(note("d"), {.capability = "d"}));
  plan("a");
  plan("unknown");
  CHECK(seen == texts{"c: PLAN a"});
}

TEST_CASE_METHOD(bed, "a capability filter asks the store about others",
                 "[actors][dendrite_handlers]") {
  auto store = std::make_shared<memory_registry_store>();
  REQUIRE(!store->upsert({.neuron_id = "peer", .capabilities = {"c"}}));
  auto from = sim.runtime().dendrite(bus, {.registry_store = store});
  REQUIRE(!from.start());
  texts seen;
  auto note = [&](const signal& sig) {
    seen.push_back(std::string{sig.directed_id()});
  };
  REQUIRE(from.on_plan(note, {.capability = "c"}));
  for (auto neuron : {"peer", "unknown", "peer"})
    REQUIRE(from.emit_plan(
      {}, {.trace_id = "trc_1", .parent_id = "evt_1", .neuron = neuron}));
  sim.run();
  CHECK(seen == texts{"peer", "peer"});
}

TEST_CASE_METHOD(handlers_fixture, "an Axon brings handlers along once",
                 "[actors][dendrite_handlers]") {
  axon a{{.neuron_id = "a", .neuron = echo()}};
  a.host().on_plan(note("brought"), {.neuron = "n"});
  REQUIRE(from.attach_axon(a));
  plan();
  CHECK(seen.empty());
  REQUIRE(!from.stop());
  for (int i = 0; i < 2; ++i) {
    REQUIRE(!from.start());
    plan("n");
    plan("other");
    REQUIRE(!from.stop());
  }
  CHECK(seen == texts{"brought: PLAN n", "brought: PLAN n"});
  REQUIRE(!from.start());
  a.host().on_plan(note("late"));
  sim.run();
  seen.clear();
  plan();
  CHECK(seen == texts{"brought: PLAN n", "late: PLAN n"});
}

TEST_CASE_METHOD(handlers_fixture,
                 "a handler of an Axon without a function is left out",
                 "[actors][dendrite_handlers]") {
  recorded_log log;
  axon a{{.neuron_id = "a", .neuron = echo()}};
  a.host().on_plan(signal_handler{});
  a.host().on_plan(note());
  REQUIRE(from.add_axon(a));
  plan();
  CHECK(seen == texts{"PLAN n"});
  CHECK(log.count("callback-threw") == 0);
}

TEST_CASE_METHOD(handlers_fixture,
                 "a raw subscription goes past filters and duplicates",
                 "[actors][dendrite_handlers]") {
  auto raw = from.subscribe(signal_type::PLAN, note());
  REQUIRE(raw);
  signal twice
    = sim.build().make(payload::plan{}, {.directed = directed::to("n")});
  REQUIRE(!from.emit(twice));
  REQUIRE(!from.emit(twice));
  sim.run();
  CHECK(seen.size() == 2);
  raw->unsubscribe();
  REQUIRE(!from.emit(twice));
  sim.run();
  CHECK(seen.size() == 2);
}

TEST_CASE_METHOD(handlers_fixture, "a queue group shares raw subscriptions",
                 "[actors][dendrite_handlers]") {
  auto first = from.subscribe(signal_type::PLAN, note("1"), "g");
  auto second = from.subscribe(signal_type::PLAN, note("2"), "g");
  REQUIRE((first && second));
  plan();
  plan();
  CHECK(seen.size() == 2);
}

TEST_CASE_METHOD(bed, "a handler without a function is refused",
                 "[actors][dendrite_handlers]") {
  auto from = orchestrator();
  CHECK(outcome_of(from.on_signal({signal_type::PLAN}, nullptr))
        == "bad_argument");
}

TEST_CASE_METHOD(handlers_fixture, "each type has a registration of its name",
                 "[actors][dendrite_handlers]") {
  auto f = note();
  REQUIRE(from.on_task_signal(f));
  REQUIRE(from.on_agent_output(f));
  REQUIRE(from.on_final(f));
  REQUIRE(from.on_error_signal(f));
  REQUIRE(from.on_task_offer(f));
  REQUIRE(from.on_bid(f));
  REQUIRE(from.on_task_awarded(f));
  REQUIRE(from.on_task_declined(f));
  REQUIRE(from.on_plan(f));
  REQUIRE(from.on_thought_delta(f));
  REQUIRE(from.on_tool_call(f));
  REQUIRE(from.on_tool_result(f));
  REQUIRE(from.on_memory_append(f));
  REQUIRE(from.on_critique(f));
  REQUIRE(from.on_escalation(f));
  REQUIRE(from.on_consensus(f));
  REQUIRE(from.on_context_sync(f));
  REQUIRE(from.on_clarification(f));
  REQUIRE(from.on_permission(f));
  REQUIRE(from.on_clarification_answer(f));
  REQUIRE(from.on_permission_decision(f));
  REQUIRE(from.on_recall_signal(f));
  REQUIRE(from.on_imprint_signal(f));
  REQUIRE(from.on_recalled(f));
  REQUIRE(from.on_imprinted(f));
  REQUIRE(from.on_register_signal(f));
  REQUIRE(from.on_deregister_signal(f));
  REQUIRE(from.on_heartbeat_signal(f));
  REQUIRE(from.on_discover(f));
  texts expected;
  types::all.for_each([&](signal_type type) {
    using enum signal_type;
    if (type == STOP || type == STOPPED || type == AUDIT)
      return;
    auto about = sim.build().make(payload::plan{}).envelope();
    auto where = signal_subject("default", type).str();
    REQUIRE(
      !bus.publish(where, signal::make_wire(about, type, json::object())));
    sim.run();
    expected.push_back(std::string{to_string(type)} + " ");
  });
  CHECK(seen == expected);
}

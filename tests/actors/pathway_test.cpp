// SPDX-License-Identifier: Apache-2.0
#include "support/bed.hpp"
#include "support/recorded_log.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <stdexcept>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

namespace {

/// One observed trace, and somebody who says things on it.
struct pathway_fixture : bed {
  pathway_fixture() {
    if (watcher.start())
      throw std::runtime_error{"the watcher does not start"};
  }

  pathway observe(std::string trace_id = "trc_watched") {
    auto result = watcher.observe_pathway(std::move(trace_id));
    REQUIRE(result);
    return *result;
  }

  template <class Payload>
  void say(Payload what = {}, std::string trace_id = "trc_watched") {
    auto sig = sim.build().make(std::move(what), {.trace_id = trace_id});
    auto where = signal_subject("default", sig.type());
    CHECK_FALSE(bus.publish(where.str(), sig));
    sim.run();
  }

  dendrite watcher = orchestrator("watcher");
};

std::string all_of(const pathway& p) {
  std::string result;
  for (auto& sig : p)
    result += outcome_of(sig) + ' ';
  return result;
}

} // namespace

// -- waiting ---------------------------------------------------------------------

TEST_CASE_METHOD(pathway_fixture, "a wait takes what came before it",
                 "[actors][pathway]") {
  auto p = observe();
  say(payload::plan{});
  say(payload::agent_output{});
  say(payload::agent_output{});
  CHECK(outcome_of(p.wait(1s)) == "AGENT_OUTPUT");
  CHECK(outcome_of(p.wait(1s)) == "AGENT_OUTPUT");
  CHECK(outcome_of(p.wait(1s)) == "timeout");
  CHECK(outcome_of(p.wait_for(signal_type::PLAN, 1s)) == "PLAN");
}

TEST_CASE_METHOD(pathway_fixture, "a bare wait wakes on five types",
                 "[actors][pathway]") {
  auto p = observe();
  say(payload::thought_delta{});
  say(payload::bid{});
  say(payload::stopped{});
  CHECK(outcome_of(p.wait(1s)) == "timeout");
  say(payload::clarification{});
  CHECK(outcome_of(p.wait(1s)) == "CLARIFICATION");
  say(payload::permission{});
  CHECK(outcome_of(p.wait(1s)) == "PERMISSION");
  CHECK_FALSE(p.closed());
  say(payload::final_{});
  CHECK(outcome_of(p.wait(1s)) == "FINAL");
  CHECK(outcome_of(p.wait(1s)) == "pathway_closed");
}

TEST_CASE_METHOD(pathway_fixture,
                 "a pending wait is met by the first Signal of its types",
                 "[actors][pathway]") {
  auto p = observe();
  auto output = ask_later<signal>(p.handle(), wait_atom_v,
                                  signal_type_set{signal_type::AGENT_OUTPUT},
                                  caf::timespan{caf::infinite});
  auto any = ask_later<signal>(p.handle(), wait_atom_v, types::all,
                               caf::timespan{caf::infinite});
  say(payload::plan{});
  CHECK(outcome_of(*any) == "PLAN");
  CHECK(outcome_of(*output) == "nothing yet");
  say(payload::agent_output{});
  CHECK(outcome_of(*output) == "AGENT_OUTPUT");
  // Neither is left for a later wait.
  CHECK(outcome_of(p.wait(1s)) == "timeout");
  CHECK(outcome_of(p.wait_for(signal_type::PLAN, 1s)) == "timeout");
}

TEST_CASE_METHOD(pathway_fixture, "one Signal meets all pending waits",
                 "[actors][pathway]") {
  auto p = observe();
  std::vector<answer<signal>> waits;
  for (int i = 0; i < 3; ++i)
    waits.push_back(ask_later<signal>(p.handle(), wait_atom_v, types::waking,
                                      caf::timespan{caf::infinite}));
  say(payload::agent_output{});
  for (auto& wait : waits)
    CHECK(outcome_of(*wait) == "AGENT_OUTPUT");
}

TEST_CASE_METHOD(pathway_fixture, "a wait that gives up leaves no trace",
                 "[actors][pathway]") {
  auto p = observe();
  auto before = sim.outside().clock->now();
  CHECK(outcome_of(p.wait(250ms)) == "timeout");
  CHECK(sim.outside().clock->now() - before == 250ms);
  CHECK_FALSE(p.closed());
  say(payload::agent_output{});
  CHECK(outcome_of(p.wait(1s)) == "AGENT_OUTPUT");
}

TEST_CASE_METHOD(pathway_fixture, "a wait of no time or less ends at once",
                 "[actors][pathway]") {
  auto p = observe();
  CHECK(outcome_of(p.wait(0s)) == "timeout");
  CHECK(outcome_of(p.wait(-5s)) == "timeout");
  say(payload::agent_output{});
  CHECK(outcome_of(p.wait(0s)) == "AGENT_OUTPUT");
}

// -- closing ---------------------------------------------------------------------

TEST_CASE_METHOD(pathway_fixture, "FINAL and ERROR close, and are delivered",
                 "[actors][pathway]") {
  auto p = observe();
  auto q = observe("trc_other");
  say(payload::final_{});
  CHECK(p.closed());
  CHECK_FALSE(q.closed());
  say(payload::error{"X", "", false}, "trc_other");
  CHECK(q.closed());
  CHECK(outcome_of(p.wait(1s)) == "FINAL");
  CHECK(outcome_of(q.wait(1s)) == "ERROR X");
  CHECK(outcome_of(q.wait(1s)) == "pathway_closed");
}

TEST_CASE_METHOD(pathway_fixture, "the first terminal of a trace counts",
                 "[actors][pathway]") {
  auto p = observe();
  say(payload::error{"FIRST", "", false});
  say(payload::final_{});
  CHECK(all_of(p) == "ERROR FIRST ");
}

TEST_CASE_METHOD(pathway_fixture, "closing fails pending waits and ends reads",
                 "[actors][pathway]") {
  auto p = observe();
  auto wait = ask_later<signal>(p.handle(), wait_atom_v, types::waking,
                                caf::timespan{caf::infinite});
  auto read = ask_later<signal>(p.handle(), next_atom_v);
  auto other_read = ask_later<signal>(p.handle(), next_atom_v);
  sim.run();
  CHECK(outcome_of(*wait) == "nothing yet");
  p.close();
  p.close();
  CHECK(p.closed());
  CHECK(outcome_of(*wait) == "pathway_closed");
  CHECK(outcome_of(*read) == "pathway_closed");
  CHECK(outcome_of(*other_read) == "pathway_closed");
  CHECK(outcome_of(p.wait(1s)) == "pathway_closed");
}

TEST_CASE_METHOD(pathway_fixture, "a closed Pathway stays readable",
                 "[actors][pathway]") {
  auto p = observe();
  say(payload::plan{});
  say(payload::agent_output{});
  p.close();
  say(payload::agent_output{});
  CHECK(outcome_of(p.wait(1s)) == "AGENT_OUTPUT");
  CHECK(outcome_of(p.wait(1s)) == "pathway_closed");
  CHECK(all_of(p) == "PLAN AGENT_OUTPUT ");
}

TEST_CASE_METHOD(pathway_fixture, "closing frees the trace on its Dendrite",
                 "[actors][pathway]") {
  auto p = observe();
  CHECK(outcome_of(watcher.observe_pathway("trc_watched")) == "already_exists");
  p.close();
  sim.run();
  CHECK(outcome_of(watcher.observe_pathway("trc_watched")) == "ok");
}

TEST_CASE_METHOD(pathway_fixture, "a Pathway ends with its last handle",
                 "[actors][pathway]") {
  sim.run();
  auto base = sim.actors_alive();
  {
    auto p = observe();
    auto copy = p;
    CHECK(sim.actors_alive() == base + 1);
  }
  sim.run();
  CHECK(sim.actors_alive() == base);
  CHECK(outcome_of(watcher.observe_pathway("trc_watched")) == "ok");
}

// -- callbacks -------------------------------------------------------------------

TEST_CASE_METHOD(pathway_fixture, "a callback sees past and future, in order",
                 "[actors][pathway]") {
  std::vector<int64_t> seen;
  auto p = observe();
  for (int64_t seq = 0; seq < 3; ++seq)
    say(payload::thought_delta{"", seq});
  p.on(signal_type::THOUGHT_DELTA, [&](const signal& sig) {
    seen.push_back(*sig.get_if<payload::thought_delta>()->seq);
  });
  for (int64_t seq = 3; seq < 6; ++seq)
    say(payload::thought_delta{"", seq});
  say(payload::plan{});
  CHECK(seen == std::vector<int64_t>{0, 1, 2, 3, 4, 5});
}

TEST_CASE_METHOD(pathway_fixture, "callbacks come in order of registration",
                 "[actors][pathway]") {
  std::string seen;
  auto p = observe();
  p.on(signal_type::PLAN, [&](const signal&) { seen += "a"; })
    .on(types::all, [&](const signal&) { seen += "b"; })
    .on(signal_type::PLAN, [&](const signal&) { seen += "c"; });
  say(payload::plan{});
  say(payload::bid{});
  CHECK(seen == "abcb");
}

TEST_CASE_METHOD(pathway_fixture,
                 "the three shapes do not take from each other",
                 "[actors][pathway]") {
  int calls = 0;
  auto p = observe();
  p.on(signal_type::AGENT_OUTPUT, [&](const signal&) { ++calls; });
  say(payload::agent_output{});
  CHECK(outcome_of(p.wait(1s)) == "AGENT_OUTPUT");
  CHECK(outcome_of(p.next()) == "AGENT_OUTPUT");
  sim.run();
  CHECK(calls == 1);
}

TEST_CASE_METHOD(pathway_fixture, "a closed Pathway still replays",
                 "[actors][pathway]") {
  std::string seen;
  auto p = observe();
  say(payload::plan{});
  say(payload::final_{});
  p.on(types::all, [&](const signal& sig) { seen += outcome_of(sig) + ' '; });
  sim.run();
  CHECK(seen == "PLAN FINAL ");
}

TEST_CASE_METHOD(pathway_fixture, "what a callback throws is logged",
                 "[actors][pathway]") {
  recorded_log log;
  int calls = 0;
  auto p = observe();
  p.on(signal_type::PLAN,
       [](const signal&) { throw std::runtime_error{"callback's fault"}; });
  p.on(signal_type::PLAN, [&](const signal&) { ++calls; });
  say(payload::plan{});
  say(payload::plan{});
  CHECK(calls == 2);
  CHECK(log.count("callback's fault") == 2);
}

TEST_CASE_METHOD(pathway_fixture, "a callback may use its Pathway",
                 "[actors][pathway]") {
  std::string seen;
  auto p = observe();
  p.on(signal_type::PLAN, [&](const signal&) {
    seen += outcome_of(p.wait(1s));
    p.close();
  });
  say(payload::agent_output{});
  say(payload::plan{});
  CHECK(seen == "AGENT_OUTPUT");
  CHECK(p.closed());
}

// -- iteration -------------------------------------------------------------------

TEST_CASE_METHOD(pathway_fixture, "iteration ends after the terminal Signal",
                 "[actors][pathway]") {
  auto p = observe();
  say(payload::plan{});
  say(payload::agent_output{});
  say(payload::final_{});
  CHECK(all_of(p) == "PLAN AGENT_OUTPUT FINAL ");
  CHECK(all_of(p).empty());
}

TEST_CASE_METHOD(pathway_fixture, "readers share one sequence, in turn",
                 "[actors][pathway]") {
  auto p = observe();
  auto first = ask_later<signal>(p.handle(), next_atom_v);
  auto second = ask_later<signal>(p.handle(), next_atom_v);
  say(payload::plan{});
  CHECK(outcome_of(*first) == "PLAN");
  CHECK(outcome_of(*second) == "nothing yet");
  say(payload::bid{});
  CHECK(outcome_of(*second) == "BID");
}

TEST_CASE_METHOD(pathway_fixture, "a silent Pathway's loop ends at close",
                 "[actors][pathway]") {
  auto p = observe();
  auto read = ask_later<signal>(p.handle(), next_atom_v);
  sim.run();
  CHECK_FALSE(watcher.stop());
  CHECK(outcome_of(*read) == "pathway_closed");
  CHECK(all_of(p).empty());
}

// -- scope -----------------------------------------------------------------------

TEST_CASE_METHOD(pathway_fixture,
                 "scope terminal delivers four types, callbacks see the rest",
                 "[actors][pathway]") {
  std::string seen;
  auto p = watcher.dispatch(
    {.neuron = "nobody", .trace_id = "trc_watched", .scope = scope::terminal});
  REQUIRE(p);
  CHECK(p->scope() == scope::terminal);
  say(payload::bid{});
  p->on(signal_type::BID, [&](const signal&) { seen += "bid "; });
  say(payload::bid{});
  CHECK(seen == "bid bid ");
  say(payload::agent_output{});
  CHECK(outcome_of(p->wait(1s)) == "timeout");
  say(payload::clarification{});
  CHECK(outcome_of(p->wait(1s)) == "CLARIFICATION");
  say(payload::permission{});
  CHECK(outcome_of(p->wait(1s)) == "PERMISSION");
  CHECK_FALSE(p->closed());
  say(payload::final_{});
  CHECK(outcome_of(p->wait(1s)) == "FINAL");
  CHECK(all_of(*p) == "CLARIFICATION PERMISSION FINAL ");
}

TEST_CASE_METHOD(pathway_fixture, "management does not flow through Pathways",
                 "[actors][pathway]") {
  auto p = observe();
  say(payload::task{});
  say(payload::register_{});
  say(payload::deregister{});
  say(payload::heartbeat{});
  say(payload::discover{});
  say(payload::audit{});
  p.close();
  CHECK(all_of(p) == "AUDIT ");
}

// -- several ---------------------------------------------------------------------

TEST_CASE_METHOD(pathway_fixture, "two Pathways on a trace are independent",
                 "[actors][pathway]") {
  dispatch_options what{.neuron = "nobody", .trace_id = "trc_watched"};
  auto first = watcher.dispatch(what);
  auto second = watcher.dispatch(what);
  REQUIRE(first);
  REQUIRE(second);
  say(payload::plan{});
  first->close();
  sim.run();
  say(payload::bid{});
  second->close();
  CHECK(all_of(*first) == "PLAN ");
  CHECK(all_of(*second) == "PLAN BID ");
}

TEST_CASE_METHOD(pathway_fixture, "a Signal that comes twice is seen once",
                 "[actors][pathway]") {
  auto p = observe();
  auto sig = sim.build().make(payload::plan{}, {.trace_id = "trc_watched"});
  CHECK_FALSE(bus.publish("cosmonapse.default.PLAN", sig));
  CHECK_FALSE(bus.publish("cosmonapse.default.PLAN", sig));
  sim.run();
  p.close();
  CHECK(all_of(p) == "PLAN ");
}

TEST_CASE_METHOD(pathway_fixture, "a Pathway knows what it was opened for",
                 "[actors][pathway]") {
  auto p = observe();
  CHECK(p.trace_id() == "trc_watched");
  CHECK(p.role() == "observer");
  CHECK(p.scope() == scope::all);
  CHECK_FALSE(p.parent_id());
  auto q = watcher.dispatch({.neuron = "nobody", .parent_id = "evt_parent"});
  REQUIRE(q);
  CHECK(q->role() == "originator");
  CHECK(q->parent_id() == "evt_parent");
  CHECK(q->trace_id().starts_with("trc_"));
  CHECK_FALSE(q->closed());
}

// -- bounds ------------------------------------------------------------------

TEST_CASE_METHOD(pathway_fixture, "a Pathway with a cap keeps the newest",
                 "[actors][pathway]") {
  auto& letters = sim.runtime().dead_letters();
  auto p = watcher.observe_pathway("trc_watched", 10);
  REQUIRE(p);
  for (int64_t i = 0; i < 1000; ++i)
    say(payload::thought_delta{"x", i});
  CHECK(letters.count(dead_letter_reason::dropped) == 0);
  SECTION("for iteration") {
    CHECK(p->next()->get_if<payload::thought_delta>()->seq == 990);
    for (int64_t i = 1000; i < 1005; ++i)
      say(payload::thought_delta{"x", i});
    // Five were forgotten before the reader came to them, but one had gone.
    CHECK(letters.count(dead_letter_reason::dropped) == 4);
    CHECK(p->next()->get_if<payload::thought_delta>()->seq == 995);
  }
  SECTION("for callbacks that come late") {
    std::vector<int64_t> seen;
    p->on(signal_type::THOUGHT_DELTA, [&](const signal& sig) {
      seen.push_back(*sig.get_if<payload::thought_delta>()->seq);
    });
    sim.run();
    REQUIRE(seen.size() == 10);
    CHECK(seen.front() == 990);
  }
  SECTION("and what ends the trace") {
    say(payload::final_{});
    CHECK(outcome_of(p->wait(1s)) == "FINAL");
    CHECK(all_of(*p).ends_with("FINAL "));
  }
}

TEST_CASE_METHOD(pathway_fixture, "a callback that is too slow misses Signals",
                 "[actors][pathway]") {
  auto p = watcher.observe_pathway("trc_watched", 10);
  REQUIRE(p);
  std::vector<std::string> seen;
  bool is_first = true;
  p->on(types::all, [&](const signal& sig) {
    seen.emplace_back(to_string(sig.type()));
    // Nothing else of this Pathway is called meanwhile.
    if (std::exchange(is_first, false)) {
      for (int64_t i = 0; i < 100; ++i)
        say(payload::thought_delta{"x", i});
      say(payload::final_{});
    }
  });
  say(payload::plan{});
  REQUIRE(seen.size() == 11);
  CHECK(seen.front() == "PLAN");
  CHECK(seen.back() == "FINAL");
  // One more made room for what ends the trace.
  CHECK(sim.runtime().dead_letters().count(dead_letter_reason::dropped) == 91);
}

TEST_CASE_METHOD(pathway_fixture,
                 "a Pathway that could keep nothing is refused",
                 "[actors][pathway]") {
  CHECK(outcome_of(watcher.observe_pathway("trc_watched", 0))
        == "bad_argument");
  CHECK(outcome_of(watcher.dispatch({.neuron = "a", .replay_cap = 0}))
        == "bad_argument");
  CHECK(outcome_of(watcher.dispatch_offer({.replay_cap = 0}))
        == "bad_argument");
}

TEST_CASE_METHOD(pathway_fixture, "a dispatch may have a cap",
                 "[actors][pathway]") {
  auto host = serving(
    "a", any_neuron{[](const json&, const json&, const neuron_io& io) {
      for (int i = 0; i < 100; ++i)
        io.think("x");
      return json::object();
    }});
  auto p = watcher.dispatch({.neuron = "a", .replay_cap = 3});
  REQUIRE(p);
  sim.run();
  CHECK(outcome_of(p->wait(1s)) == "AGENT_OUTPUT");
  p->close();
  CHECK(all_of(*p) == "THOUGHT_DELTA THOUGHT_DELTA AGENT_OUTPUT ");
}

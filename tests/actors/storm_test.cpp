// SPDX-License-Identifier: Apache-2.0
#include "environment.hpp"
#include "support/bed.hpp"

#include <catch2/catch_test_macros.hpp>

#include <map>
#include <set>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

namespace {

/// One dispatch of the storm.
struct asked {
  int number;
  std::string trace_id;
  bed::answer<signal> reply;
};

/// Dispatches, stops, starts, STOPs and deaths in an order that a seed decides,
/// each at any boundary between two messages.
class storm : public bed {
public:
  explicit storm(uint64_t seed) : bed(seed), chance_(seed) {
    sim.run();
  }

  void blow(int actions) {
    for (int i = 0; i < actions; ++i) {
      deliver(chance_.next() % 12);
      act();
    }
  }

  /// Whatever is still open must end now.
  void settle() {
    sim.advance(61s);
  }

  /// Stops everybody. @returns how many actors there are then.
  size_t calm() {
    CHECK_FALSE(host_.stop());
    CHECK_FALSE(from_.stop());
    held_.calls().clear();
    sim.run();
    return sim.actors_alive() - sim.runtime().environment()->idle_workers();
  }

  const std::vector<asked>& all() const {
    return asked_;
  }

private:
  void act() {
    switch (chance_.next() % 16) {
      default:
        dispatch();
        break;
      case 6:
      case 7:
      case 8:
        answer_one();
        break;
      case 9:
        stop_trace();
        break;
      case 10:
        caf::anon_send(host_.handle(), stop_atom_v, ""s);
        caf::anon_send(host_.handle(), start_atom_v);
        break;
      case 11:
        kill_axon();
        break;
      case 12:
        sim.advance(std::chrono::milliseconds{chance_.next() % 5000});
        break;
      case 13:
        caf::anon_send(from_.handle(), stop_atom_v, ""s);
        break;
      case 14:
        held_.calls().clear();
        break;
    }
  }

  void dispatch() {
    auto number = static_cast<int>(asked_.size());
    dispatch_options what{.input = {{"n", number}},
                          .timeout = std::chrono::seconds{1 + number % 60}};
    if (chance_.next() % 2 == 0)
      what.neuron = "a";
    else
      what.capabilities = {"x"};
    if (chance_.next() % 3 == 0)
      what.scope = scope::terminal;
    what.trace_id = "trc_" + std::to_string(number);
    auto trace_id = *what.trace_id;
    asked_.push_back(
      {number, trace_id, dispatch_later(from_, std::move(what))});
  }

  void answer_one() {
    auto& calls = held_.calls();
    if (calls.empty())
      return;
    auto i = static_cast<std::ptrdiff_t>(chance_.next() % calls.size());
    auto call = calls[static_cast<size_t>(i)];
    calls.erase(calls.begin() + i);
    call.io.think("hm");
    call.done.deliver(call.input);
  }

  void stop_trace() {
    if (asked_.empty())
      return;
    auto& about = asked_[chance_.next() % asked_.size()];
    caf::anon_send<caf::message_priority::high>(
      bus.handle(), caf::publish_atom_v, subject{"cosmonapse.default.STOP"},
      signal{sim.build().make(payload::stop{}, {.trace_id = about.trace_id})});
  }

  void kill_axon() {
    sim.runtime().system().spawn<caf::hidden>(
      [hdl = host_.handle()](caf::event_based_actor* self) {
        self->request(hdl, caf::infinite, caf::get_atom_v, "a"s)
          .then(
            [](const caf::strong_actor_ptr& axon) {
              caf::anon_send_exit(axon, caf::exit_reason::kill);
            },
            [](const caf::error&) {});
      });
  }

  seeded_random chance_;
  held_neuron held_;
  dendrite host_ = serving(
    {{.neuron_id = "a", .neuron = held_.neuron(), .capabilities = {"x"}}});
  dendrite from_ = orchestrator();
  std::vector<asked> asked_;
};

const std::set<std::string> expected_outcomes{
  "AGENT_OUTPUT",
  "FINAL",
  "ERROR NEURON_EXCEPTION",
  "ERROR AXON_EXCEPTION recoverable",
  "ERROR DENDRITE_STOPPED recoverable",
  "timeout",
  "pathway_closed",
};

} // namespace

TEST_CASE("in any storm every dispatch gets its own answer or a named error",
          "[actors][storm]") {
  std::map<std::string, size_t> seen;
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    storm s{seed};
    s.blow(200);
    s.settle();
    for (auto& [number, trace_id, reply] : s.all()) {
      CAPTURE(number);
      auto outcome = outcome_of(*reply);
      ++seen[outcome];
      CHECK(expected_outcomes.contains(outcome));
      if (!*reply || !**reply)
        continue;
      auto& sig = ***reply;
      CHECK(sig.trace_id() == trace_id);
      if (outcome == "AGENT_OUTPUT" || outcome == "FINAL")
        CHECK(sig.output() == json{{"n", number}});
    }
    // A TASK is answered at most once.
    std::map<std::string, size_t> answers;
    for (auto& sig : s.traffic())
      if (types::axon.contains(sig.type()) && sig.parent_id())
        ++answers[*sig.parent_id()];
    for (auto& [task, count] : answers)
      CHECK(count == 1);
  }
  // The storm reached every corner.
  for (auto& outcome : expected_outcomes) {
    CAPTURE(outcome);
    CHECK(seen[outcome] > 0);
  }
}

TEST_CASE("a storm leaves no actors behind", "[actors][storm]") {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    storm s{seed};
    auto base = s.calm();
    s.blow(400);
    s.settle();
    CHECK(s.calm() == base);
  }
}

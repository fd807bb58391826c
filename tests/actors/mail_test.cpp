// SPDX-License-Identifier: Apache-2.0
#include "environment.hpp"
#include "support/bed.hpp"
#include "support/recorded_log.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <vector>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

namespace {

constexpr size_t few = 16;

struct mail_fixture : bed {
  mail_fixture() : bed(1, few) {
    watch_ = letters().observe([this](const dead_letter& x) {
      lost.push_back(std::string{to_string(x.reason)} + ": " + x.receiver);
    });
  }

  ~mail_fixture() {
    watch_->remove();
  }

  dead_letters& letters() {
    return sim.runtime().dead_letters();
  }

  signal thought(signal_type type = signal_type::THOUGHT_DELTA) {
    if (type == signal_type::STOP)
      return sim.build().make(payload::stop{}, {.trace_id = "trc_t"});
    return sim.build().make(payload::thought_delta{"x", {}},
                            {.trace_id = "trc_t", .parent_id = "evt_p"});
  }

  std::vector<std::string> lost;

private:
  std::optional<dead_letters::observation> watch_;
};

} // namespace

TEST_CASE("whoever dies, each Signal was handled, is lost or in flight",
          "[actors][mail]") {
  recorded_log log;
  size_t lost = 0;
  size_t sent = 0;
  for (auto victim : {"nobody"s, "host"s, "dispatcher"s, "synapse"s})
    for (size_t steps = 0; steps < 80; ++steps) {
      CAPTURE(victim, steps);
      bed b;
      auto host = b.serving("n", echo());
      auto from = b.orchestrator();
      REQUIRE(!from.start());
      b.sim.run();
      auto& rt = b.sim.runtime();
      auto before = rt.mail();
      CHECK(before.waiting() == 0);
      std::vector<bed::answer<signal>> answers;
      for (int i = 0; i < 4; ++i)
        answers.push_back(
          b.dispatch_later(from, {.neuron = "n", .timeout = 1s}));
      b.deliver(steps);
      if (victim == "host")
        b.kill(host.handle());
      else if (victim == "dispatcher")
        b.kill(from.handle());
      else if (victim == "synapse")
        b.kill(b.bus.handle());
      b.sim.advance(5s);
      for (auto& answer : answers)
        CHECK(outcome_of(*answer) != "nothing yet");
      auto after = rt.mail();
      CHECK(after.waiting() == 0);
      CHECK(after.lost == rt.dead_letters().count());
      CHECK(after.sent == after.handled + after.lost);
      sent += after.sent - before.sent;
      if (victim == "nobody")
        CHECK(after.lost == 0);
      lost += after.lost;
    }
  CHECK(lost > 0);
  CHECK(sent > 10 * lost);
}

TEST_CASE_METHOD(mail_fixture, "a receiver that falls behind gets only STOPs",
                 "[actors][mail]") {
  auto box = sim.runtime().environment()->mail->open("slow");
  std::vector<signal> got;
  // Takes Signals and never says so.
  auto slow = sim.runtime().system().spawn(
    [&](subscriber_actor::pointer) -> subscriber_actor::behavior_type {
      return {
        [&](deliver_atom, uint64_t, const signal& sig) { got.push_back(sig); }};
    });
  caf::anon_send(bus.handle(), caf::subscribe_atom_v,
                 subscription{1, subject{"cosmonapse.x"}, {}, slow, box});
  for (size_t i = 0; i < few + 3; ++i) {
    REQUIRE(!bus.publish("cosmonapse.x", thought()));
    sim.run();
  }
  CHECK(got.size() == few);
  CHECK(box->full());
  CHECK(lost == std::vector(3, "dropped: slow"s));
  REQUIRE(!bus.publish("cosmonapse.x", thought(signal_type::STOP)));
  sim.run();
  CHECK(got.size() == few + 1);
  // It catches up.
  for (size_t i = 0; i < few + 1; ++i)
    box->took();
  REQUIRE(!bus.publish("cosmonapse.x", thought()));
  sim.run();
  CHECK(got.size() == few + 2);
  CHECK(lost.size() == 3);
}

TEST_CASE_METHOD(mail_fixture,
                 "a Synapse that falls behind refuses what users publish",
                 "[actors][mail]") {
  held_neuron held;
  auto host = serving("n", held.neuron());
  auto from = orchestrator();
  REQUIRE(!from.start());
  auto reply = dispatch_later(from, {.neuron = "n"});
  sim.run();
  auto box = sim.runtime().environment()->inbox_of(bus.handle());
  REQUIRE(box);
  for (size_t i = 0; i < few; ++i)
    box->take_in();
  CHECK(from.emit(thought()) == ec::overloaded);
  CHECK(message_of(from.emit(thought()))
        == "16 Signals are waiting for the Synapse already");
  CHECK(bus.publish("x", thought()) == ec::overloaded);
  CHECK(from.dispatch({.neuron = "n"}).error() == ec::overloaded);
  CHECK(from.dispatch_offer({.capabilities = {"x"}}).error() == ec::overloaded);
  CHECK(from.recall({.engram_id = "e"}).error() == ec::overloaded);
  CHECK(traffic(signal_type::STOP).empty());
  CHECK(!from.emit(thought(signal_type::STOP)));
  sim.run();
  CHECK(traffic(signal_type::STOP).size() == 1);
  // What the protocol owes somebody is always taken.
  held.calls().at(0).done.deliver(json::object());
  sim.run();
  CHECK(outcome_of(*reply) == "AGENT_OUTPUT");
  for (size_t i = 0; i < few; ++i)
    box->took();
  CHECK(!from.emit(thought()));
  CHECK(lost.empty());
}

TEST_CASE_METHOD(mail_fixture, "a Neuron that falls behind refuses TASKs",
                 "[actors][mail]") {
  auto from = orchestrator();
  REQUIRE(!from.start());
  std::vector<answer<signal>> replies;
  auto dispatch
    = [&] { replies.push_back(dispatch_later(from, {.neuron = "n"})); };
  auto host = serving({{.neuron_id = "n",
                        .neuron =
                          [&](const json&, const json&) {
                            while (replies.size() < 1 + few + 3) {
                              dispatch();
                              sim.run();
                            }
                            return json::object();
                          },
                        .concurrency = 1}});
  dispatch();
  sim.run();
  REQUIRE(replies.size() == 1 + few + 3);
  for (size_t i = 0; i < replies.size(); ++i) {
    CAPTURE(i);
    CHECK(
      outcome_of(*replies[i])
      == (i < 1 + few ? "AGENT_OUTPUT" : "ERROR AXON_EXCEPTION recoverable"));
  }
  CHECK(traffic(signal_type::ERROR).at(0).payload()["message"]
        == "16 TASKs are waiting for n already");
}

TEST_CASE_METHOD(mail_fixture, "a handler that falls behind misses Signals",
                 "[actors][mail]") {
  auto from = orchestrator();
  REQUIRE(!from.start());
  size_t calls = 0;
  REQUIRE(from.on_thought_delta([&](const signal&) {
    if (calls++ > 0)
      return;
    for (size_t i = 0; i < few + 3; ++i) {
      REQUIRE(!from.emit(thought()));
      sim.run();
    }
  }));
  REQUIRE(!from.emit(thought()));
  sim.run();
  CHECK(calls == 1 + few);
  CHECK(lost == std::vector(3, "dropped: a handler of orchestrator"s));
}

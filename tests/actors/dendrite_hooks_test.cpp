// SPDX-License-Identifier: Apache-2.0
#include "support/bed.hpp"
#include "support/recorded_log.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <stdexcept>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

namespace {

using texts = std::vector<std::string>;

/// A function whose copies fail when told to.
class fragile {
public:
  fragile(const bool& armed, int& calls) : armed_(&armed), calls_(&calls) {
    // nop
  }

  fragile(fragile&&) noexcept = default;

  fragile(const fragile& other) : armed_(other.armed_), calls_(other.calls_) {
    if (*armed_)
      throw std::runtime_error{"copied"};
  }

  void operator()(const auto&...) const {
    ++*calls_;
  }

private:
  const bool* armed_;
  int* calls_;
};

struct hooks_fixture : bed {
  dendrite from = orchestrator();
  axon a{{.neuron_id = "a", .neuron = echo()}};
  texts seen;

  auto note(std::string text) {
    return [this, text](const auto&...) { seen.push_back(text); };
  }

  auto note_refresh(std::string who) {
    return [this, who](const auto&, const refresh_event& event) {
      seen.push_back(who + ": " + event.reason + " "
                     + event.neuron_id.value_or("-"));
    };
  }
};

} // namespace

// -- on_connect ----------------------------------------------------------------

TEST_CASE_METHOD(hooks_fixture, "on_connect runs at each start, Axons first",
                 "[actors][dendrite_hooks]") {
  REQUIRE(!from.on_connect(note("first")));
  REQUIRE(!from.on_connect(note("second")));
  a.on_connect(note("axon"));
  REQUIRE(from.attach_axon(a));
  sim.run();
  CHECK(seen.empty());
  REQUIRE(!from.start());
  sim.run();
  CHECK(seen.size() == 3);
  CHECK(std::ranges::find(seen, "first") < std::ranges::find(seen, "second"));
  REQUIRE(!from.start());
  sim.run();
  CHECK(seen.size() == 3);
  REQUIRE(!from.stop());
  REQUIRE(!from.start());
  sim.run();
  CHECK(seen.size() == 6);
}

TEST_CASE_METHOD(hooks_fixture, "on_connect comes after REGISTER",
                 "[actors][dendrite_hooks]") {
  size_t announced = 0;
  a.on_connect([&](const axon& me) {
    CHECK(me.neuron_id() == "a");
    REQUIRE(!bus.flush());
    sim.run();
    announced = traffic(signal_type::REGISTER).size();
  });
  REQUIRE(from.attach_axon(a));
  REQUIRE(!from.start());
  sim.run();
  CHECK(announced == 1);
}

TEST_CASE_METHOD(hooks_fixture, "on_connect of an Axon runs when it is added",
                 "[actors][dendrite_hooks]") {
  a.on_connect(note("axon"));
  REQUIRE(!from.start());
  REQUIRE(from.add_axon(a));
  sim.run();
  CHECK(seen == texts{"axon"});
}

TEST_CASE_METHOD(hooks_fixture, "a late on_connect waits for the next start",
                 "[actors][dendrite_hooks]") {
  REQUIRE(from.attach_axon(a));
  REQUIRE(!from.start());
  REQUIRE(!from.on_connect(note("dendrite")));
  a.on_connect(note("axon"));
  sim.run();
  CHECK(seen.empty());
  REQUIRE(!from.stop());
  REQUIRE(!from.start());
  sim.run();
  CHECK(seen.size() == 2);
}

TEST_CASE_METHOD(hooks_fixture, "a hook may use its Dendrite and wait",
                 "[actors][dendrite_hooks]") {
  REQUIRE(from.attach_axon(a));
  REQUIRE(!from.on_connect([&](const dendrite& me) {
    seen.push_back(outcome_of(me.dispatch_and_wait({.neuron = "a"})));
  }));
  REQUIRE(!from.start());
  sim.run();
  CHECK(seen == texts{"AGENT_OUTPUT"});
}

TEST_CASE_METHOD(hooks_fixture,
                 "a throwing hook stops neither others nor the start",
                 "[actors][dendrite_hooks]") {
  recorded_log log;
  REQUIRE(!from.on_connect(
    [](const dendrite&) { throw std::runtime_error{"ouch"}; }));
  REQUIRE(!from.on_connect(note("after")));
  a.on_connect([](const axon&) { throw 7; });
  REQUIRE(from.attach_axon(a));
  CHECK(!from.start());
  sim.run();
  CHECK(seen == texts{"after"});
  CHECK(log.count("ouch") == 1);
  CHECK(outcome_of(from.dispatch_and_wait({.neuron = "a"})) == "AGENT_OUTPUT");
}

TEST_CASE_METHOD(hooks_fixture, "a hook keeps its state from call to call",
                 "[actors][dendrite_hooks]") {
  auto count = [this, n = 0](const auto&...) mutable {
    seen.push_back(std::to_string(++n));
  };
  SECTION("on_connect") {
    REQUIRE(!from.on_connect(count));
    for (int i = 0; i < 3; ++i) {
      REQUIRE(!from.start());
      sim.run();
      REQUIRE(!from.stop());
    }
  }
  SECTION("on_schedule") {
    REQUIRE(!from.on_schedule(1s, count));
    REQUIRE(!from.start());
    sim.advance(3s);
  }
  SECTION("on_refresh") {
    REQUIRE(!from.on_refresh(count));
    for (int i = 0; i < 3; ++i)
      REQUIRE(!from.refresh());
    sim.run();
  }
  SECTION("on_refresh of an Axon") {
    a.on_refresh(count);
    REQUIRE(from.attach_axon(a));
    REQUIRE(!from.start());
    sim.advance(90s);
  }
  CHECK(seen == texts{"1", "2", "3"});
}

TEST_CASE_METHOD(hooks_fixture, "a hook is not copied in order to run",
                 "[actors][dendrite_hooks]") {
  bool armed = false;
  int calls = 0;
  fragile hook{armed, calls};
  REQUIRE(!from.on_connect(hook));
  REQUIRE(!from.on_schedule(20s, hook));
  REQUIRE(!from.on_refresh(hook));
  a.on_connect(hook).on_refresh(hook);
  REQUIRE(!a.on_schedule(20s, hook));
  REQUIRE(from.attach_axon(a));
  armed = true;
  REQUIRE(!from.start());
  sim.advance(30s);
  CHECK(calls == 6);
  CHECK(outcome_of(from.dispatch_and_wait({.neuron = "a"})) == "AGENT_OUTPUT");
}

// -- on_schedule ---------------------------------------------------------------

TEST_CASE_METHOD(hooks_fixture,
                 "a schedule runs on and on while its owner runs",
                 "[actors][dendrite_hooks]") {
  REQUIRE(!from.on_schedule(10s, note("dendrite")));
  REQUIRE(!a.on_schedule(15s, note("axon")));
  REQUIRE(from.attach_axon(a));
  sim.advance(60s);
  CHECK(seen.empty());
  REQUIRE(!from.start());
  sim.advance(31s);
  CHECK(std::ranges::count(seen, "dendrite") == 3);
  CHECK(std::ranges::count(seen, "axon") == 2);
  REQUIRE(!from.stop());
  seen.clear();
  sim.advance(60s);
  CHECK(seen.empty());
  REQUIRE(!from.start());
  sim.advance(10s);
  CHECK(seen == texts{"dendrite"});
}

TEST_CASE_METHOD(hooks_fixture, "a schedule that comes late begins at once",
                 "[actors][dendrite_hooks]") {
  REQUIRE(from.attach_axon(a));
  REQUIRE(!from.start());
  sim.advance(3s);
  REQUIRE(!from.on_schedule(10s, note("dendrite")));
  REQUIRE(!a.on_schedule(10s, note("axon")));
  sim.advance(9s);
  CHECK(seen.empty());
  sim.advance(1s);
  CHECK(seen.size() == 2);
}

TEST_CASE_METHOD(hooks_fixture, "a schedule rests from the end of a run",
                 "[actors][dendrite_hooks]") {
  REQUIRE(!from.on_schedule(10s, [&](const dendrite& me) {
    seen.push_back("run");
    // Nobody answers: the run takes its five seconds.
    (void)me.dispatch_and_wait({.neuron = "nobody", .timeout = 5s});
  }));
  REQUIRE(!from.start());
  sim.advance(24s);
  CHECK(seen.size() == 1);
  sim.advance(2s);
  CHECK(seen.size() == 2);
}

TEST_CASE_METHOD(hooks_fixture, "a throwing schedule goes on",
                 "[actors][dendrite_hooks]") {
  recorded_log log;
  REQUIRE(!from.on_schedule(
    1s, [](const dendrite&) { throw std::runtime_error{"ouch"}; }));
  REQUIRE(!from.start());
  sim.advance(3s);
  CHECK(log.count("ouch") == 3);
}

TEST_CASE_METHOD(hooks_fixture, "a schedule ends with its Axon",
                 "[actors][dendrite_hooks]") {
  REQUIRE(!a.on_schedule(1s, note("axon")));
  REQUIRE(from.attach_axon(a));
  REQUIRE(!from.start());
  sim.advance(1s);
  REQUIRE(!from.detach_axon("a"));
  sim.advance(10s);
  CHECK(seen.size() == 1);
}

TEST_CASE_METHOD(hooks_fixture, "an endless interval is no interval at all",
                 "[actors][dendrite_hooks]") {
  auto endless = std::chrono::nanoseconds::max();
  REQUIRE(!from.on_schedule(endless, note("dendrite")));
  REQUIRE(!a.on_schedule(endless, note("axon")));
  REQUIRE(from.attach_axon(a));
  REQUIRE(!from.start());
  sim.advance(24h);
  CHECK(seen.empty());
}

TEST_CASE_METHOD(hooks_fixture, "a schedule needs an interval",
                 "[actors][dendrite_hooks]") {
  for (auto every : {0s, -1s}) {
    CHECK(outcome_of(from.on_schedule(every, note(""))) == "bad_argument");
    CHECK(outcome_of(a.on_schedule(every, note(""))) == "bad_argument");
  }
}

// -- on_refresh ----------------------------------------------------------------

TEST_CASE_METHOD(hooks_fixture,
                 "a heartbeat refreshes Axons, then the Dendrite",
                 "[actors][dendrite_hooks]") {
  REQUIRE(!from.on_refresh(note_refresh("dendrite")));
  a.on_refresh(note_refresh("axon"));
  REQUIRE(from.attach_axon(a));
  REQUIRE(!from.start());
  sim.advance(30s);
  CHECK(seen == texts{"axon: heartbeat a", "dendrite: heartbeat -"});
}

TEST_CASE_METHOD(hooks_fixture, "refresh runs the hooks with what it is told",
                 "[actors][dendrite_hooks]") {
  json extra;
  REQUIRE(!from.on_refresh(
    [&](const dendrite&, const refresh_event& event) { extra = event.extra; }));
  REQUIRE(!from.on_refresh(note_refresh("dendrite")));
  a.on_refresh(note_refresh("axon"));
  REQUIRE(!from.refresh());
  sim.run();
  REQUIRE(!from.refresh({"because", "n", {{"k", 1}}}));
  CHECK(outcome_of(a.refresh()) == "not_attached");
  REQUIRE(from.attach_axon(a));
  REQUIRE(!a.refresh());
  sim.run();
  CHECK(extra == json{{"k", 1}});
  CHECK(
    seen
    == texts{"dendrite: manual -", "dendrite: because n", "axon: manual -"});
}

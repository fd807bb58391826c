// SPDX-License-Identifier: Apache-2.0
#include <cosmo/codec.hpp>
#include <cosmo/dendrite.hpp>
#include <cosmo/testing/simulation.hpp>

#include <caf/event_based_actor.hpp>
#include <catch2/catch_test_macros.hpp>

#include <stdexcept>
#include <string>
#include <vector>

using namespace cosmo;
using namespace cosmo::testing;
using namespace std::literals;

namespace {

/// Everything that goes over the bus in a small scene, byte by byte.
std::vector<std::string> scene(uint64_t seed) {
  std::vector<std::string> frames;
  simulation sim{seed};
  auto bus = sim.runtime().connect("memory:");
  REQUIRE(bus);
  REQUIRE(bus->subscribe("cosmonapse.>", [&](const signal& sig) {
    auto frame = encode(sig);
    frames.push_back(frame ? *frame : describe(frame.error()));
  }));
  auto from = sim.runtime().dendrite(bus);
  std::vector<dendrite> workers;
  for (auto id : {"a", "b", "c"}) {
    workers.push_back(
      sim.runtime().dendrite(bus, {.dendrite_id = id, .role = role::worker}));
    REQUIRE(workers.back().attach_axon(
      {.neuron_id = id,
       .neuron =
         [](const json& input, const json&, const neuron_io& io) {
           io.think("hm");
           return input;
         },
       .capabilities = {"x"}}));
    REQUIRE_FALSE(workers.back().start());
  }
  for (int i = 0; i < 9; ++i) {
    REQUIRE(from.dispatch_and_wait(
      {.input = {{"i", i}}, .capabilities = {"x"}, .scope = scope::terminal}));
    sim.advance(std::chrono::milliseconds{i});
  }
  REQUIRE_FALSE(from.dispatch_and_wait({.neuron = "nobody", .timeout = 5s}));
  for (auto& worker : workers)
    REQUIRE_FALSE(worker.stop());
  sim.run();
  return frames;
}

} // namespace

TEST_CASE("the same seed gives the same events", "[testing][simulation]") {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    auto first = scene(seed);
    CHECK(first.size() > 40);
    CHECK(first == scene(seed));
  }
}

TEST_CASE("another seed gives other ids", "[testing][simulation]") {
  CHECK(scene(1) != scene(2));
}

TEST_CASE("a simulation begins at its own instant", "[testing][simulation]") {
  simulation sim;
  CHECK(sim.outside().clock->now() == simulation::start_time);
  CHECK(sim.build().make(payload::plan{}).ts() == simulation::start_time);
}

TEST_CASE("time moves when it is told to", "[testing][simulation]") {
  simulation sim;
  sim.run();
  CHECK(sim.outside().clock->now() == simulation::start_time);
  sim.advance(1500ms);
  CHECK(sim.outside().clock->now() == simulation::start_time + 1500ms);
  sim.advance(1ns);
  CHECK(sim.outside().clock->now() == simulation::start_time + 1500ms);
  sim.advance(999ns);
  CHECK(sim.outside().clock->now() == simulation::start_time + 1500ms + 1us);
}

TEST_CASE("whoever waits moves time to the next timeout",
          "[testing][simulation]") {
  simulation sim;
  auto d = sim.runtime().dendrite(sim.runtime().connect("memory:"));
  auto real = std::chrono::steady_clock::now();
  for (int i = 0; i < 100; ++i)
    CHECK(d.dispatch_and_wait({.neuron = "nobody", .timeout = 1h}).error()
          == ec::timeout);
  CHECK(sim.outside().clock->now() == simulation::start_time + 100h);
  // Virtual hours take next to no time.
  CHECK(std::chrono::steady_clock::now() - real < 1min);
}

TEST_CASE("a wait that nothing can end does not hang",
          "[testing][simulation]") {
  simulation sim;
  auto d = sim.runtime().dendrite(sim.runtime().connect("memory:"));
  CHECK(d.dispatch_and_wait({.neuron = "nobody", .timeout = forever}).error()
        == ec::timeout);
}

TEST_CASE("messages are delivered one at a time", "[testing][simulation]") {
  simulation sim;
  CHECK_FALSE(sim.deliver_one());
  int seen = 0;
  auto hdl = sim.runtime().system().spawn(
    [&]() -> caf::behavior { return {[&](int) { ++seen; }}; });
  sim.run();
  caf::anon_send(hdl, 1);
  caf::anon_send(hdl, 2);
  CHECK(sim.deliver_one());
  CHECK(seen == 1);
  CHECK(sim.run() == 1);
  CHECK(seen == 2);
  CHECK_FALSE(sim.deliver_one());
  caf::anon_send_exit(hdl, caf::exit_reason::kill);
  sim.run();
}

TEST_CASE("actors that never come to rest are noticed",
          "[testing][simulation]") {
  simulation sim;
  auto hdl = sim.runtime().system().spawn(
    [](caf::event_based_actor* self) -> caf::behavior {
      self->send(self, 1);
      return {[self](int) { self->send(self, 1); }};
    });
  CHECK_THROWS_AS(sim.run(), std::runtime_error);
  caf::anon_send_exit(hdl, caf::exit_reason::kill);
  sim.run();
}

TEST_CASE("actors alive are counted", "[testing][simulation]") {
  simulation sim;
  auto base = sim.actors_alive();
  {
    auto bus = sim.runtime().connect("memory:");
    auto d = sim.runtime().dendrite(bus);
    CHECK(sim.actors_alive() == base + 2);
    REQUIRE(d.attach_axon(
      {.neuron_id = "a",
       .neuron = [](const json& input, const json&) { return input; }}));
    CHECK(sim.actors_alive() == base + 2);
    REQUIRE_FALSE(d.start());
    CHECK(sim.actors_alive() == base + 3);
    REQUIRE_FALSE(d.stop());
    sim.run();
    CHECK(sim.actors_alive() == base + 2);
  }
}

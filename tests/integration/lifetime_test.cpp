// SPDX-License-Identifier: Apache-2.0
#include "meeting.hpp"
#include "support/outcome_of.hpp"
#include <cosmo/dendrite.hpp>
#include <cosmo/runtime.hpp>

#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <future>
#include <optional>
#include <thread>
#include <vector>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

namespace {

/// Works until it is told to stop.
any_neuron endless(meeting& started) {
  return [&](const json& input, const json&, const neuron_io& io) {
    std::mutex mutex;
    std::condition_variable_any stopped;
    std::unique_lock guard{mutex};
    started.arrive();
    stopped.wait(guard, io.stop_token(), [] { return false; });
    return input;
  };
}

any_neuron echo() {
  return [](const json& input, const json&) { return input; };
}

template <class T>
T get(std::future<T>& what) {
  if (what.wait_for(patience) != std::future_status::ready)
    throw std::runtime_error{"the call hangs"};
  return what.get();
}

} // namespace

TEST_CASE("work goes on while its host stops and starts",
          "[integration][lifetime]") {
  runtime sys{{.threads = 2}};
  auto bus = sys.connect("memory:");
  auto host = sys.dendrite(bus, {.role = role::worker});
  REQUIRE(host.attach_axon({.neuron_id = "a", .neuron = echo()}));
  REQUIRE_FALSE(host.start());
  auto from = sys.dendrite(bus);
  std::atomic<bool> over = false;
  std::atomic<int> answered = 0;
  std::atomic<int> odd = 0;
  {
    std::vector<std::jthread> callers;
    for (int t = 0; t < 4; ++t)
      callers.emplace_back([&] {
        while (!over) {
          auto outcome = outcome_of(
            from.dispatch_and_wait({.neuron = "a", .timeout = 100ms}));
          if (outcome == "AGENT_OUTPUT")
            ++answered;
          else if (outcome != "timeout"
                   && outcome != "ERROR DENDRITE_STOPPED recoverable")
            ++odd;
        }
      });
    for (int i = 0; i < 100; ++i) {
      CHECK_FALSE(host.stop());
      CHECK_FALSE(host.start());
    }
    over = true;
  }
  CHECK(odd == 0);
  CHECK(outcome_of(from.dispatch_and_wait({.neuron = "a", .timeout = patience}))
        == "AGENT_OUTPUT");
}

TEST_CASE("callers hear of it when their Dendrite stops",
          "[integration][lifetime]") {
  runtime sys{{.threads = 2}};
  auto bus = sys.connect("memory:");
  meeting started{8};
  auto host = sys.dendrite(bus, {.role = role::worker});
  REQUIRE(host.attach_axon({.neuron_id = "a", .neuron = endless(started)}));
  REQUIRE_FALSE(host.start());
  auto from = sys.dendrite(bus);
  std::vector<std::future<std::string>> calls;
  for (int i = 0; i < 8; ++i)
    calls.push_back(std::async(std::launch::async, [&] {
      return outcome_of(
        from.dispatch_and_wait({.neuron = "a", .timeout = patience}));
    }));
  REQUIRE(started.wait());
  SECTION("the dispatcher") {
    CHECK_FALSE(from.stop());
    for (auto& call : calls)
      CHECK(get(call) == "pathway_closed");
  }
  SECTION("the worker") {
    CHECK_FALSE(host.stop());
    for (auto& call : calls)
      CHECK(get(call) == "ERROR DENDRITE_STOPPED recoverable");
  }
  SECTION("the bus") {
    bus->close();
    for (auto& call : calls)
      CHECK(get(call) == "pathway_closed");
  }
}

TEST_CASE("a draining stop waits for blocking Neurons",
          "[integration][lifetime]") {
  runtime sys{{.threads = 2}};
  auto bus = sys.connect("memory:");
  auto host
    = sys.dendrite(bus, {.role = role::worker, .drain_on_stop = patience});
  meeting started{1};
  meeting go_on{1};
  REQUIRE(host.attach_axon(
    {.neuron_id = "a", .neuron = [&](const json& input, const json&) {
       started.arrive();
       go_on.wait();
       return input;
     }}));
  REQUIRE_FALSE(host.start());
  auto from = sys.dendrite(bus);
  auto p = from.dispatch({.neuron = "a"});
  REQUIRE(p);
  REQUIRE(started.wait());
  auto stopped
    = std::async(std::launch::async, [&] { return outcome_of(host.stop()); });
  go_on.arrive();
  CHECK(outcome_of(p->wait(patience)) == "AGENT_OUTPUT");
  CHECK(get(stopped) == "ok");
}

TEST_CASE("a runtime ends with Pathways open and work in flight",
          "[integration][lifetime]") {
  for (int round = 0; round < 20; ++round) {
    std::optional<pathway> opened;
    std::optional<dendrite> from;
    std::optional<synapse> bus;
    std::optional<subscription_handle> sub;
    std::optional<neuron_io> io;
    std::future<std::string> waiting;
    std::future<std::string> reading;
    {
      runtime sys{{.threads = 2}};
      auto made = sys.connect("memory:");
      REQUIRE(made);
      bus = *made;
      sub = *bus->subscribe("cosmonapse.>", [](const signal&) {});
      meeting started{2};
      auto host = sys.dendrite(*bus, {.role = role::worker});
      REQUIRE(host.attach_axon(
        {.neuron_id = "a",
         .neuron = neuron::async([&](const json&, const json&, neuron_io own,
                                     neuron_promise) { io = own; })}));
      REQUIRE(host.attach_axon({.neuron_id = "b", .neuron = endless(started)}));
      REQUIRE_FALSE(host.start());
      from = sys.dendrite(*bus);
      REQUIRE(from->dispatch_and_wait({.neuron = "a", .timeout = patience}));
      opened = *from->dispatch({.neuron = "b"});
      waiting = std::async(std::launch::async, [from = *from] {
        return outcome_of(
          from.dispatch_and_wait({.neuron = "b", .timeout = patience}));
      });
      reading = std::async(std::launch::async,
                           [p = *opened] { return outcome_of(p.wait()); });
      REQUIRE(started.wait());
    }
    // Whoever waited has been told; handles are harmless.
    auto outcome = get(waiting);
    CHECK((outcome == "pathway_closed" || outcome == "not_connected"
           || outcome == "ERROR DENDRITE_STOPPED recoverable"));
    outcome = get(reading);
    CHECK((outcome == "pathway_closed"
           || outcome == "ERROR DENDRITE_STOPPED recoverable"));
    // The answer of the stopping worker may have been the last thing to come.
    CHECK(opened->closed());
    CHECK_FALSE(opened->next());
    opened->on(signal_type::ERROR, [](const signal&) {});
    opened->close();
    CHECK(outcome_of(opened->wait(1s)) == "pathway_closed");
    CHECK(outcome_of(from->dispatch({.neuron = "a"})) == "not_connected");
    CHECK(outcome_of(from->stop()) == "not_connected");
    CHECK(outcome_of(bus->flush()) == "not_connected");
    CHECK(outcome_of(bus->subscribe("a", [](const signal&) {}))
          == "not_connected");
    sub->unsubscribe();
    io->think("anybody?");
    CHECK(outcome_of(io->dispatch({.neuron = "a"})) != "ok");
  }
}

TEST_CASE("a promise may outlive its runtime", "[integration][lifetime]") {
  std::optional<neuron_promise> done;
  {
    runtime sys{{.threads = 2}};
    auto bus = sys.connect("memory:");
    meeting started{1};
    auto host = sys.dendrite(bus);
    REQUIRE(host.attach_axon(
      {.neuron_id = "a",
       .neuron = neuron::async(
         [&](const json&, const json&, neuron_io, neuron_promise own) {
           done = own;
           started.arrive();
         })}));
    REQUIRE_FALSE(host.start());
    REQUIRE(host.dispatch_task({.neuron = "a"}));
    REQUIRE(started.wait());
  }
  CHECK_NOTHROW(done->deliver(json::object()));
}

TEST_CASE("an idle runtime ends at once", "[integration][lifetime]") {
  for (int i = 0; i < 20; ++i) {
    runtime sys{{.threads = 2}};
    auto bus = sys.connect("memory:");
    auto host = sys.dendrite(bus);
    CHECK(outcome_of(host.attach_axon({.neuron_id = "a", .neuron = echo()}))
          == "ok");
    auto scope = running(host);
    CHECK(scope);
  }
}

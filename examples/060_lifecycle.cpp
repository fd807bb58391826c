// SPDX-License-Identifier: Apache-2.0
//
// What you learn: the life of an Axon as others see it. Announcements, signs of
// life and farewells are Signals like any other; hooks run at the same moments
// on the inside.
// Run: build/dev/bin/example_060_lifecycle

#include <cosmo/runtime.hpp>

#include <iostream>
#include <latch>
#include <string>

using namespace std::literals;

int main() {
  cosmo::runtime rt;
  auto synapse = rt.connect("memory:");
  auto worker = rt.dendrite(synapse, {.name_space = "demo",
                                      .role = cosmo::role::worker,
                                      .heartbeat = 50ms,
                                      .reregister_on_heartbeat = false});
  auto echo
    = [](const cosmo::json& input, const cosmo::json&) { return input; };
  auto first = worker.attach_axon({.neuron_id = "first", .neuron = echo});
  if (!first)
    return 1;
  std::latch warmed_up{1};
  first->on_connect([&](const cosmo::axon&) { warmed_up.count_down(); });

  // Handlers run one Signal at a time, in order.
  auto watcher = rt.dendrite(synapse, {.name_space = "demo"});
  std::latch beating{1};
  std::latch farewells{2};
  watcher.on_register_signal([](const cosmo::signal& sig) {
    std::cout << sig.directed_id() << " is there\n";
  });
  watcher.on_heartbeat_signal([&](const cosmo::signal&) {
    if (!beating.try_wait())
      beating.count_down();
  });
  watcher.on_deregister_signal(
    [&](const cosmo::signal_of<cosmo::payload::deregister>& sig) {
      auto& reason = sig.data().reason;
      std::cout << sig.directed_id()
                << " leaves: " << (reason.empty() ? "no reason" : reason)
                << '\n';
      farewells.count_down();
    });

  if (auto err = watcher.start()) {
    std::cerr << cosmo::describe(err) << '\n';
    return 1;
  }
  {
    auto scope = cosmo::running(worker);
    warmed_up.wait();
    worker.add_axon({.neuron_id = "second", .neuron = echo});
    beating.wait();
    if (auto err = worker.detach_axon("second", "done for today"))
      std::cerr << cosmo::describe(err) << '\n';
  } // The scope's end stops the worker.
  farewells.wait();
}

// Expected output:
// first is there
// second is there
// second leaves: done for today
// first leaves: no reason

// SPDX-License-Identifier: Apache-2.0
//
// What you learn: asking for what is needed instead of whom. A TASK that names
// capabilities goes to one worker whose Axon covers all of them; workers with
// the same capabilities share the load.
// Run: build/dev/bin/example_040_capabilities

#include <cosmo/runtime.hpp>

#include <iostream>
#include <map>
#include <string>
#include <vector>

int main() {
  cosmo::runtime rt;
  auto synapse = rt.connect("memory:");
  auto host = [&](std::string neuron_id, std::vector<std::string> offers) {
    auto worker = rt.dendrite(synapse, {.name_space = "demo",
                                        .dendrite_id = neuron_id + "-host",
                                        .role = cosmo::role::worker});
    worker.attach_axon({
      .neuron_id = neuron_id,
      .neuron
      = [](const cosmo::json& input, const cosmo::json&) { return input; },
      .capabilities = offers,
    });
    return worker;
  };
  auto first = host("translator-1", {"translate", "german"});
  auto second = host("translator-2", {"translate", "german"});
  auto painter = host("painter", {"paint"});
  auto orchestrator = rt.dendrite(synapse, {.name_space = "demo"});

  auto scope = cosmo::running(first, second, painter, orchestrator);
  std::map<std::string, int> served;
  for (int i = 0; i < 4; ++i) {
    auto reply = orchestrator.dispatch_and_wait(
      {.input = {{"text", "Guten Tag"}}, .capabilities = {"german"}});
    if (!reply) {
      std::cerr << cosmo::describe(reply.error()) << '\n';
      return 1;
    }
    ++served[std::string{reply->directed_id()}];
  }
  for (auto& [neuron_id, count] : served)
    std::cout << neuron_id << " served " << count << '\n';
}

// Expected output:
// translator-1 served 2
// translator-2 served 2

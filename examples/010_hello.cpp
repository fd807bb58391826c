// SPDX-License-Identifier: Apache-2.0
//
// What you learn: the five words of the framework. A Neuron is a function, an
// Axon gives it an address, a Dendrite hosts it, the Synapse connects
// Dendrites, and a dispatched TASK comes back as a Signal. Run:
// build/dev/bin/example_010_hello

#include <cosmo/runtime.hpp>

#include <iostream>

int main() {
  cosmo::runtime rt;
  auto synapse = rt.connect("memory:");

  // A worker Dendrite serves; its Axon is reachable as "greeter".
  auto worker = rt.dendrite(synapse, {.name_space = "demo",
                                      .dendrite_id = "worker",
                                      .role = cosmo::role::worker});
  worker.attach_axon({
    .neuron_id = "greeter",
    .neuron = [](const cosmo::json& input, const cosmo::json&) -> cosmo::json {
      return {{"text", "Hello, " + input.value("name", "stranger") + "!"}};
    },
  });

  // An orchestrator Dendrite dispatches.
  auto orchestrator = rt.dendrite(synapse, {.name_space = "demo"});

  auto scope = cosmo::running(worker, orchestrator);
  auto reply = orchestrator.dispatch_and_wait(
    {.neuron = "greeter", .input = {{"name", "Ada"}}});
  if (!reply) {
    std::cerr << cosmo::describe(reply.error()) << '\n';
    return 1;
  }
  std::cout << '[' << to_string(reply->type()) << "] "
            << reply->output().value("text", "") << '\n';
}

// Expected output:
// [AGENT_OUTPUT] Hello, Ada!

// SPDX-License-Identifier: Apache-2.0
//
// What you learn: a Neuron that answers later. It takes the promise away and
// returns at once, so thousands of them can wait without holding a thread.
// Run: build/dev/bin/example_030_async_neuron

#include <cosmo/runtime.hpp>

#include <iostream>
#include <thread>
#include <vector>

int main() {
  // Stands for any source of events: a socket, a queue, a device.
  std::vector<std::jthread> elsewhere;
  {
    cosmo::runtime rt;
    auto synapse = rt.connect("memory:");
    auto node = rt.dendrite(synapse, {.name_space = "demo"});
    node.attach_axon({
      .neuron_id = "doubler",
      .neuron = cosmo::neuron::async(
        [&](const cosmo::json& input, const cosmo::json&, cosmo::neuron_io io,
            cosmo::neuron_promise done) {
          auto number = input.value("number", 0);
          elsewhere.emplace_back([=] {
            io.think("doubling " + std::to_string(number));
            done.deliver({{"number", 2 * number}});
          });
        }),
    });

    // A Dendrite may dispatch to an Axon of its own.
    auto scope = cosmo::running(node);
    for (int number : {4, 21}) {
      auto reply = node.dispatch_and_wait(
        {.neuron = "doubler", .input = {{"number", number}}});
      if (!reply) {
        std::cerr << cosmo::describe(reply.error()) << '\n';
        return 1;
      }
      std::cout << number << " doubled is " << reply->output().at("number")
                << '\n';
    }
  }
}

// Expected output:
// 4 doubled is 8
// 21 doubled is 42

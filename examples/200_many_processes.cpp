// SPDX-License-Identifier: Apache-2.0
//
// One program, one process or many: only the URL of the bus changes.
//
//   example_200_many_processes                   # all in one, on memory:
//
//   cosmo synapse start memory -n demo           # a bus, in one terminal,
//   example_200_many_processes worker URL        # who serves, in another,
//   example_200_many_processes ask URL Ada       # who asks, in a third
//
// The last two find each other over the bus. Stop it and start it again: they
// come back, because the transport reconnects.
#include <cosmo/net/wire_transport.hpp>
#include <cosmo/runtime.hpp>

#include <chrono>
#include <iostream>
#include <string>

using namespace std::chrono_literals;

namespace {

cosmo::dendrite greeter_on(cosmo::runtime& rt,
                           const caf::expected<cosmo::synapse>& synapse) {
  auto worker
    = rt.dendrite(synapse, {.name_space = "demo", .role = cosmo::role::worker});
  worker.attach_axon({
    .neuron_id = "greeter",
    .neuron = [](const cosmo::json& input, const cosmo::json&) -> cosmo::json {
      return {{"text", "Hello, " + input.value("name", "stranger") + "!"}};
    },
    .capabilities = {"greet"},
  });
  return worker;
}

int fail(const caf::error& why) {
  std::cerr << cosmo::describe(why) << '\n';
  return 1;
}

int ask(cosmo::runtime& rt, const caf::expected<cosmo::synapse>& synapse,
        const std::string& name) {
  auto orchestrator = rt.dendrite(synapse, {.name_space = "demo"});
  if (auto why = orchestrator.start())
    return fail(why);
  // Whoever can greet: the asker knows no address.
  auto reply = orchestrator.dispatch_and_wait(
    {.input = {{"name", name}}, .capabilities = {"greet"}, .timeout = 5s});
  if (!reply)
    return fail(reply.error());
  std::cout << reply->output().value("text", "") << '\n';
  return 0;
}

} // namespace

int main(int argc, char** argv) {
  const std::string role = argc > 1 ? argv[1] : "both";
  const std::string url = argc > 2 ? argv[2] : "memory:";
  const std::string name = argc > 3 ? argv[3] : "Ada";
  cosmo::runtime rt;
  rt.add_transport(cosmo::net::wire_transport({.reconnect = true}));
  auto synapse = rt.connect(url);
  if (!synapse)
    return fail(synapse.error());
  if (role == "ask")
    return ask(rt, synapse, name);
  auto worker = greeter_on(rt, synapse);
  if (auto why = worker.start())
    return fail(why);
  if (role == "both")
    return ask(rt, synapse, name);
  std::cout << "serving on " << url << std::endl;
  cosmo::runtime::wait_for_signal();
  return 0;
}

// Expected output without arguments, and of `ask`:
// Hello, Ada!

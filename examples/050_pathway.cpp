// SPDX-License-Identifier: Apache-2.0
//
// What you learn: watching a trace while it happens. A Pathway shows every
// Signal of a trace, by callback, by iteration or by waiting; it closes with
// FINAL or ERROR.
// Run: build/dev/bin/example_050_pathway

#include <cosmo/runtime.hpp>

#include <iostream>
#include <string>

int main() {
  cosmo::runtime rt;
  auto synapse = rt.connect("memory:");
  auto worker = rt.dendrite(synapse, {.name_space = "demo",
                                      .dendrite_id = "worker",
                                      .role = cosmo::role::worker});
  worker.attach_axon({
    .neuron_id = "poet",
    // The third argument lets a Neuron speak before it is done.
    .neuron = [](const cosmo::json&, const cosmo::json&,
                 const cosmo::neuron_io& io) -> cosmo::json {
      std::string poem;
      for (std::string word : {"actors", " pass", " the", " word"}) {
        io.think(word);
        poem += word;
      }
      return {{"poem", poem}};
    },
  });
  auto orchestrator = rt.dendrite(synapse, {.name_space = "demo"});

  auto scope = cosmo::running(worker, orchestrator);
  // `finalize` makes the worker conclude the trace with a FINAL.
  auto trace = orchestrator.dispatch({.neuron = "poet", .finalize = true});
  if (!trace) {
    std::cerr << cosmo::describe(trace.error()) << '\n';
    return 1;
  }
  for (auto& sig : *trace) {
    std::cout << to_string(sig.type());
    if (auto thought = sig.get_if<cosmo::payload::thought_delta>())
      std::cout << " \"" << thought->delta << '"';
    std::cout << '\n';
  }
  std::cout << "closed: " << std::boolalpha << trace->closed() << '\n';
}

// Expected output:
// THOUGHT_DELTA "actors"
// THOUGHT_DELTA " pass"
// THOUGHT_DELTA " the"
// THOUGHT_DELTA " word"
// AGENT_OUTPUT
// FINAL
// closed: true

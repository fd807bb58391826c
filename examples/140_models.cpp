// SPDX-License-Identifier: Apache-2.0
//
// What you learn: which model answers is one line. The rest of the program
// knows the Axon's name and nothing of the provider. And: a model that streams
// thinks aloud, each piece a THOUGHT_DELTA on the trace.
// Run: build/dev/bin/example_140_models

#include "stand_in_model_server.hpp"
#include <cosmo/neuron/ollama.hpp>
#include <cosmo/neuron/openai.hpp>
#include <cosmo/runtime.hpp>

#include <iostream>

int main() {
  stand_in_model_server server;
  cosmo::axon_options writer{.neuron_id = "writer", .capabilities = {"chat"}};

  // The line in question. These would do as well:
  //   cosmo::axon::ollama(writer, {.model = "llama3"})
  //   cosmo::axon::anthropic(writer, {.model = "claude-sonnet-4-6"})
  //   cosmo::axon::from_source(name, writer, options_as_json)
  auto model
    = cosmo::axon::openai(writer, {.model = "gpt-4o-mini",
                                   .api_key = "of no use here",
                                   .endpoint = server.endpoint() + "/v1",
                                   .stream = true});

  cosmo::runtime rt;
  auto synapse = rt.connect("memory:");
  auto worker = rt.dendrite(synapse, {.role = cosmo::role::worker});
  worker.attach_axon(model);
  auto orchestrator = rt.dendrite(synapse);
  auto scope = cosmo::running(worker, orchestrator);

  auto pathway = orchestrator.dispatch(
    {.neuron = "writer", .input = {{"prompt", "Be brief."}}});
  if (!pathway) {
    std::cerr << cosmo::describe(pathway.error()) << '\n';
    return 1;
  }
  while (auto signal = pathway->next()) {
    if (signal->type() == cosmo::signal_type::THOUGHT_DELTA) {
      std::cout << '|' << signal->payload().value("delta", "") << std::flush;
    } else if (signal->type() == cosmo::signal_type::AGENT_OUTPUT) {
      std::cout << "|\n" << signal->output().value("response", "") << '\n';
      break;
    } else if (signal->type() == cosmo::signal_type::ERROR) {
      std::cerr << signal->payload() << '\n';
      return 1;
    }
  }
}

// Expected output without keys:
//
//   |Hello| from| the| stand-in| model!| You| said:| Be| brief.|
//   Hello from the stand-in model! You said: Be brief.

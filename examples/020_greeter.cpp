// SPDX-License-Identifier: Apache-2.0
//
// What you learn: a language model behind an Axon. The Neuron, the Axon and the
// Dendrites are the same for the real router and for the stand-in; only the
// endpoint differs.
// Run: make quickstart, with HF_TOKEN set for the real thing.

#include "stand_in_model_server.hpp"
#include <cosmo/neuron/huggingface.hpp>
#include <cosmo/runtime.hpp>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>

int main() {
  using namespace std::chrono_literals;
  std::string endpoint{cosmo::neuron::huggingface_router};
  std::string token;
  std::optional<stand_in_model_server> stand_in;
  if (auto given = std::getenv("HF_TOKEN"); given && *given) {
    token = given;
  } else {
    endpoint = stand_in.emplace().endpoint();
    std::cout << "HF_TOKEN is not set: asking a stand-in model server at "
              << endpoint << '\n';
  }

  cosmo::runtime rt;
  auto synapse = rt.connect("memory:");

  // 1. A Neuron: who thinks.
  auto greeter = cosmo::neuron::huggingface({
    .endpoint = endpoint,
    .model = "meta-llama/Llama-3.1-8B-Instruct",
    .api_key = token,
    .use_chat_api = true,
  });

  // 2. An Axon on a worker Dendrite: where it is reached.
  auto worker = rt.dendrite(synapse, {.name_space = "demo",
                                      .dendrite_id = "worker",
                                      .role = cosmo::role::worker});
  worker.attach_axon({.neuron_id = "greeter",
                      .neuron = greeter,
                      .capabilities = {"chat", "greet"}});

  // 3. An orchestrator Dendrite: who asks.
  auto orchestrator = rt.dendrite(synapse, {.name_space = "demo"});

  auto scope = cosmo::running(worker, orchestrator);
  if (!scope)
    return 1;
  auto reply = orchestrator.dispatch_and_wait(
    {.neuron = "greeter",
     .input = {{"prompt", "Say hello in one short sentence."}},
     .timeout = 30s});
  if (!reply) {
    std::cerr << cosmo::describe(reply.error()) << '\n';
    return 1;
  }
  if (auto error = reply->get_if<cosmo::payload::error>()) {
    std::cerr << "[ERROR] " << error->code << ": " << error->message << '\n';
    return 1;
  }
  std::cout << '[' << to_string(reply->type()) << "] "
            << reply->output().value("response", "") << '\n';
}

// Expected output without HF_TOKEN:
//
//   HF_TOKEN is not set: asking a stand-in model server at <URL>
//   [AGENT_OUTPUT] Hello from the stand-in model! You said: <...>

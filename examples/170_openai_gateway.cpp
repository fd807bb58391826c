// SPDX-License-Identifier: Apache-2.0
//
// What you learn: OpenAI's clients talk to an agent graph. Each live Neuron
// that can chat is a model; its neuron_id is the model's name.
// Run: build/dev/bin/example_170_openai_gateway 8080, then
//   curl localhost:8080/v1/models
//   curl localhost:8080/v1/chat/completions -d '{"model": "parrot",
//     "messages": [{"role": "user", "content": "Hi"}]}'
// or any client with the base URL http://localhost:8080/v1 and any key.

#include "stand_in_model_server.hpp"
#include "word_by_word.hpp"
#include <cosmo/memory_registry_store.hpp>
#include <cosmo/net/openai_gateway.hpp>
#include <cosmo/neuron/huggingface.hpp>
#include <cosmo/runtime.hpp>

#include <chrono>
#include <iostream>
#include <memory>
#include <string>

namespace {

/// What a chat was about last.
cosmo::json parrot(const cosmo::json& input, const cosmo::json& context,
                   const cosmo::neuron_io& io) {
  const auto& last = input.at("messages").back();
  return word_by_word({{"prompt", last.at("content")}}, context, io);
}

/// A Neuron that needs to know more gives no answer but a question.
cosmo::json shy(const cosmo::json&, const cosmo::json&) {
  return {{"__clarification__", true}, {"question", "Which one do you mean?"}};
}

} // namespace

/// Arguments: port (0 for any), milliseconds that an answer may take.
int main(int argc, char** argv) {
  using namespace std::chrono_literals;
  auto port = argc > 1 ? std::stoi(argv[1]) : 8080;
  auto timeout = argc > 2 ? std::stoi(argv[2]) : 120'000;

  // 1. Neurons of any kind; the first one is a model behind HTTP.
  stand_in_model_server models;
  cosmo::runtime rt;
  auto synapse = rt.connect("memory:");
  auto worker = rt.dendrite(synapse, {.name_space = "demo",
                                      .dendrite_id = "worker",
                                      .role = cosmo::role::worker});
  worker.attach_axon(
    {.neuron_id = "llama",
     .neuron = cosmo::neuron::huggingface(
       {.endpoint = models.endpoint(), .model = "llama", .use_chat_api = true}),
     .capabilities = {"chat"}});
  worker.attach_axon(
    {.neuron_id = "parrot", .neuron = parrot, .capabilities = {"chat"}});
  worker.attach_axon(
    {.neuron_id = "shy", .neuron = shy, .capabilities = {"text-generation"}});
  worker.attach_axon({.neuron_id = "calculator",
                      .neuron = parrot,
                      .capabilities = {"arithmetic"}});

  // 2. An orchestrator that knows who is there.
  auto orchestrator = rt.dendrite(
    synapse,
    {.name_space = "demo",
     .registry_store = std::make_shared<cosmo::memory_registry_store>()});
  auto scope = cosmo::running(orchestrator, worker);

  // 3. The gateway in front of it.
  auto server = cosmo::net::http_server::open(
    {.port = static_cast<uint16_t>(port)},
    cosmo::net::openai_gateway{
      orchestrator, {.timeout = std::chrono::milliseconds{timeout}}});
  if (!server) {
    std::cerr << cosmo::describe(server.error()) << '\n';
    return 1;
  }
  std::cout << "listening on " << (*server)->url() << std::endl;
  cosmo::runtime::wait_for_signal();
  (*server)->stop(5s);
  std::cout << "stopped\n";
}

// Expected output:
// listening on http://127.0.0.1:8080
// ^C
// stopped

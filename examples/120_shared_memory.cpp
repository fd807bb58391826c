// SPDX-License-Identifier: Apache-2.0
//
// What you learn: Neurons that share a memory. An Engram is hosted by a
// Dendrite; an Axon declares which Engrams its Neuron may use, and under which
// names.
// Run: build/dev/bin/example_120_shared_memory

#include <cosmo/memory_engram.hpp>
#include <cosmo/runtime.hpp>

#include <iostream>
#include <memory>

int main() {
  cosmo::runtime rt;
  auto synapse = rt.connect("memory:");
  auto worker = rt.dendrite(synapse, {.role = cosmo::role::worker});
  worker.attach_engram(std::make_shared<cosmo::memory_engram>(
    cosmo::memory_engram_options{.engram_id = "notebook"}));

  worker.attach_axon({
    .neuron_id = "reader",
    .neuron = [](const cosmo::json& input, const cosmo::json&,
                 const cosmo::neuron_io& io) -> caf::expected<cosmo::json> {
      // Acknowledged, hence written when this returns.
      auto receipt = io.imprint(
        "notes", {.op = "append",
                  .entry = {{"content", input.at("line")}, {"tags", {"line"}}},
                  .await_ack = true});
      if (!receipt)
        return receipt.error();
      return cosmo::json{{"noted", (*receipt)->ok()}};
    },
    .engrams = {{.name = "notes", .directed_id = "notebook"}},
  });
  worker.attach_axon({
    .neuron_id = "searcher",
    .neuron = [](const cosmo::json& input, const cosmo::json&,
                 const cosmo::neuron_io& io) -> caf::expected<cosmo::json> {
      auto found = io.recall("memory", {.query = {{"text", input.at("word")}}});
      if (!found)
        return found.error();
      auto lines = cosmo::json::array();
      for (auto& hit : *found)
        lines.push_back(hit.entry.at("content"));
      return cosmo::json{{"lines", std::move(lines)}};
    },
    // By kind: whichever Engram of that kind answers first.
    .engrams = {{.name = "memory", .directed_type = "keyvalue"}},
  });
  auto orchestrator = rt.dendrite(synapse);

  auto scope = cosmo::running(worker, orchestrator);
  for (auto line : {"the cat sat", "on the mat", "and the cat slept"})
    (void)orchestrator.dispatch_and_wait(
      {.neuron = "reader", .input = {{"line", line}}});
  auto reply = orchestrator.dispatch_and_wait(
    {.neuron = "searcher", .input = {{"word", "CAT"}}});
  if (!reply) {
    std::cerr << cosmo::describe(reply.error()) << '\n';
    return 1;
  }
  for (auto& line : reply->output().at("lines"))
    std::cout << line.get<std::string>() << '\n';
}

// Expected output:
// the cat sat
// and the cat slept

// SPDX-License-Identifier: Apache-2.0
//
// What you learn: trying again without leaving a mess. An attempt that is given
// up is stopped, and what it has written to Engrams is undone before the next
// one begins.
// Run: build/dev/bin/example_130_retry_with_rollback

#include <cosmo/memory_engram.hpp>
#include <cosmo/runtime.hpp>

#include <atomic>
#include <iostream>
#include <memory>

int main() {
  using namespace std::chrono_literals;
  cosmo::runtime rt;
  auto synapse = rt.connect("memory:");
  auto worker = rt.dendrite(synapse, {.role = cosmo::role::worker});
  worker.attach_engram(std::make_shared<cosmo::memory_engram>(
    cosmo::memory_engram_options{.engram_id = "ledger"}));
  auto attempts = std::make_shared<std::atomic<int>>(0);
  worker.attach_axon({
    .neuron_id = "booker",
    .neuron
    = [attempts](const cosmo::json&, const cosmo::json&,
                 const cosmo::neuron_io& io) -> caf::expected<cosmo::json> {
      auto attempt = ++*attempts;
      auto receipt = io.imprint(
        "ledger",
        {.op = "append", .entry = {{"content", attempt}}, .await_ack = true});
      if (!receipt)
        return receipt.error();
      if (attempt < 3)
        return cosmo::json{{"__error__", true},
                           {"code", "BANK_CLOSED"},
                           {"message", "come back later"},
                           {"recoverable", true}};
      return cosmo::json{{"booked", attempt}};
    },
    .engrams = {{.name = "ledger", .directed_id = "ledger"}},
  });
  auto orchestrator = rt.dendrite(synapse);

  auto scope = cosmo::running(worker, orchestrator);
  auto reply = orchestrator.dispatch_and_wait(
    {.neuron = "booker",
     .retry = cosmo::retry_strategy{
       .max_attempts = 5,
       .backoff = cosmo::exponential_backoff({.initial = 10ms}),
       .rollback_on_retry = true,
       .on_retry = [](int attempt, const cosmo::attempt_outcome& outcome) {
         std::cout << "attempt " << attempt << ": "
                   << outcome->payload().at("code").get<std::string>() << '\n';
       }}});
  if (!reply) {
    std::cerr << cosmo::describe(reply.error()) << '\n';
    return 1;
  }
  std::cout << to_string(reply->type()) << ' ' << reply->output().dump()
            << '\n';
  auto left = orchestrator.recall({.engram_id = "ledger"});
  if (!left)
    return 1;
  for (auto& hit : *left)
    std::cout << "in the ledger: " << hit.entry.at("content") << '\n';
  auto counts = worker.engram_counts("ledger");
  if (!counts || !counts->journal)
    return 1;
  std::cout << "writes: " << counts->imprints["append"]
            << ", undone: " << counts->journal->compensated << '\n';
}

// Expected output:
// attempt 0: BANK_CLOSED
// attempt 1: BANK_CLOSED
// AGENT_OUTPUT {"booked":3}
// in the ledger: 3
// writes: 3, undone: 2

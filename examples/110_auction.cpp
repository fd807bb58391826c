// SPDX-License-Identifier: Apache-2.0
//
// What you learn: whoever wants the work bids for it. A Dendrite bids on its
// own for whatever its Axons cover; a handler for TASK_OFFER may name a price.
// Run: build/dev/bin/example_110_auction

#include <cosmo/runtime.hpp>

#include <iostream>
#include <string>

namespace {

cosmo::axon_options renderer(std::string neuron_id) {
  return {.neuron_id = neuron_id,
          .neuron = [neuron_id](const cosmo::json& input,
                                const cosmo::json&) -> cosmo::json {
            return {{"by", neuron_id}, {"scene", input.at("scene")}};
          },
          .capabilities = {"render"}};
}

} // namespace

int main() {
  using namespace std::chrono_literals;
  cosmo::runtime rt;
  auto synapse = rt.connect("memory:");
  auto hall = rt.dendrite(synapse,
                          {.dendrite_id = "hall", .role = cosmo::role::worker});
  hall.attach_axon(renderer("big-machine"));
  auto shed = rt.dendrite(synapse,
                          {.dendrite_id = "shed", .role = cosmo::role::worker});
  shed.attach_axon(renderer("old-laptop"));
  auto studio = rt.dendrite(synapse);

  // The hall bids by itself: cost 0. The shed would like to be paid.
  shed.on_task_offer(
    [shed](const cosmo::signal& offer) {
      shed.bid(offer, "old-laptop",
               {.cost = 0.2, .eta = 90s, .confidence = 0.4});
    },
    {.capability = "render"});
  studio.on_task_declined([](const cosmo::signal& lost) {
    std::cout << "declined: " << lost.directed_id() << '\n';
  });

  auto scope = cosmo::running(hall, shed, studio);
  auto work
    = studio.dispatch_offer({.input = {{"scene", 7}},
                             .capabilities = {"render"},
                             .deadline = 200ms,
                             .select = cosmo::bid_selection::lowest_cost});
  if (!work) {
    std::cerr << cosmo::describe(work.error()) << '\n';
    return 1;
  }
  auto result = work->wait(10s);
  if (!result)
    return 1;
  std::cout << "rendered: " << result->output().dump() << '\n';
  auto nobody
    = studio.dispatch_offer({.capabilities = {"sculpt"}, .deadline = 50ms});
  std::cout << "nobody sculpts: " << cosmo::describe(nobody.error()) << '\n';
}

// Expected output:
// declined: old-laptop
// rendered: {"by":"big-machine","scene":7}
// nobody sculpts: timeout: nobody bid within 50 ms

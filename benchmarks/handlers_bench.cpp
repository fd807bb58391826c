// SPDX-License-Identifier: Apache-2.0
//
// What a Dendrite pays for handlers that a Signal is not for, and how long it
// takes to bring many Axons up.

#include "bench.hpp"
#include <cosmo/signal_builder.hpp>

#include <atomic>
#include <string>
#include <vector>

namespace bench {

namespace {

constexpr int signals = 20'000;
constexpr int many_handlers = 1'000;
constexpr int axons = 10'000;

cosmo::signal plan_of(const std::string& neuron_id) {
  cosmo::signal_builder build{cosmo::world::real()};
  return build.make(cosmo::payload::plan{},
                    {.directed = cosmo::directed::to(neuron_id)});
}

/// Seconds per Signal that passes the handlers of a Dendrite, one of which
/// wants it.
double cost(int handlers) {
  cosmo::runtime rt;
  auto synapse = rt.connect("memory:");
  // Without removal of duplicates, which fills a table while we measure.
  auto d = rt.dendrite(synapse, {.dedup_window = std::chrono::seconds{0}});
  std::atomic<int> seen = 0;
  for (int i = 0; i < handlers; ++i)
    (void)d.on_plan(
      [&seen](const cosmo::signal&) {
        ++seen;
        seen.notify_one();
      },
      {.neuron = std::to_string(i)});
  (void)d.start();
  auto sig = plan_of("0");
  auto where = cosmo::signal_subject("default", cosmo::signal_type::PLAN);
  auto& sys = rt.system();
  return best_of(5, [&] {
    seen = 0;
    return time([&] {
             sys.spawn([&](caf::event_based_actor* self) {
               for (int i = 0; i < signals; ++i)
                 self->send(synapse->handle(), caf::publish_atom_v, where, sig);
             });
             for (int n = seen; n < signals; n = seen)
               seen.wait(n);
           })
           / signals;
  });
}

double storm() {
  cosmo::runtime rt;
  auto synapse = rt.connect("memory:");
  auto d = rt.dendrite(synapse, {.role = cosmo::role::worker});
  auto neuron
    = cosmo::neuron::async([](const cosmo::json&, const cosmo::json&,
                              cosmo::neuron_io, cosmo::neuron_promise) {});
  for (int i = 0; i < axons; ++i)
    (void)d.attach_axon({.neuron_id = std::to_string(i),
                         .neuron = neuron,
                         .capabilities = {"c" + std::to_string(i % 100)}});
  return time([&] {
    (void)d.start();
    (void)synapse->flush();
  });
}

} // namespace

void handlers() {
  auto one = cost(1);
  auto many = cost(many_handlers);
  report("handlers.signals_per_s", 1 / many, "1/s");
  report("handlers.dispatch_cost_ratio", many / one, "x");
  report("register.storm_ms", 1e3 * storm(), "ms");
}

} // namespace bench

// SPDX-License-Identifier: Apache-2.0
//
// What Axons cost while they do nothing: memory and CPU.

#include "bench.hpp"

#include <ctime>
#include <string>
#include <thread>

namespace bench {

namespace {

constexpr int axons_for_memory = 100'000;
constexpr int axons_for_cpu = 1'000;
constexpr std::chrono::seconds idle_time{5};

double cpu_seconds() {
  timespec used = {};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + 1e-9 * used.tv_nsec;
}

cosmo::dendrite host(cosmo::runtime& rt, int count) {
  auto worker
    = rt.dendrite(rt.connect("memory:"), {.role = cosmo::role::worker});
  for (int i = 0; i < count; ++i)
    worker.attach_axon(
      {.neuron_id = "neuron-" + std::to_string(i),
       .neuron = [](const cosmo::json& input,
                    const cosmo::json&) -> cosmo::json { return input; }});
  return worker;
}

} // namespace

void idle() {
  {
    cosmo::runtime rt;
    auto before = resident_bytes();
    auto worker = host(rt, axons_for_memory);
    auto scope = cosmo::running(worker);
    report("axon.idle_bytes", (resident_bytes() - before) / axons_for_memory,
           "B");
  }
  {
    cosmo::runtime rt;
    auto worker = host(rt, axons_for_cpu);
    auto scope = cosmo::running(worker);
    auto before = cpu_seconds();
    std::this_thread::sleep_for(idle_time);
    report("idle.cpu_percent",
           100 * (cpu_seconds() - before) / idle_time.count(), "%");
  }
}

} // namespace bench

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/runtime.hpp>

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>

#include <chrono>
#include <future>
#include <string>
#include <string_view>
#include <utility>

namespace bench {

using clock = std::chrono::steady_clock;
using seconds = std::chrono::duration<double>;

/// Prints `bench <name> <value> <unit>`.
void report(std::string_view name, double value, std::string_view unit);

/// Runs `fn` once and returns how long it took, in seconds.
template <class F>
double time(F fn) {
  auto start = clock::now();
  fn();
  return seconds{clock::now() - start}.count();
}

/// The best of `rounds` measurements: what the code can do when nothing else
/// runs on the machine.
template <class F>
double best_of(int rounds, F measure) {
  auto best = measure();
  for (int i = 1; i < rounds; ++i)
    best = std::min(best, measure());
  return best;
}

/// What a process, given by its number, occupies of the machine's memory.
double resident_bytes(const std::string& process = "self");

/// Spawns an actor and waits until it calls the function it is given.
template <class F>
void run_actor(caf::actor_system& sys, F body) {
  std::promise<void> done;
  auto finished = done.get_future();
  sys.spawn([&](caf::event_based_actor* self) {
    body(self, [&done] { done.set_value(); });
  });
  finished.wait();
}

void codec();
void dispatch();
void flows();
void handlers();
void publish();
void scheduler();
void idle();
void registry();
void engrams();
void supervisor();
void http();
void sse();
void prism();
#ifdef COSMO_BENCH_NATS
void wire();
#endif

} // namespace bench

// SPDX-License-Identifier: Apache-2.0
#include <cosmo/testing/simulation.hpp>

#include <caf/actor_registry.hpp>
#include <caf/actor_system.hpp>

#include <stdexcept>

namespace cosmo::testing {

namespace {

/// Far more than any test needs; an endless exchange of messages hits it.
constexpr size_t deliveries_max = 1'000'000;

} // namespace

simulation::simulation(uint64_t seed, size_t mailbox_max)
  : clock_(std::make_shared<manual_clock>(start_time)),
    outside_(world::seeded(seed, clock_)),
    runtime_(std::make_unique<cosmo::runtime>(
      scheduler_.system(), outside_, [this] { return step(); }, mailbox_max)) {
  // nop
}

simulation::~simulation() {
  runtime_.reset();
  run();
}

bool simulation::deliver_one() {
  return scheduler_.deliver_one();
}

size_t simulation::run() {
  size_t count = 0;
  while (deliver_one())
    if (++count == deliveries_max)
      throw std::runtime_error("the actors do not come to rest");
  return count;
}

size_t simulation::advance(std::chrono::nanoseconds by) {
  auto count = run();
  // What falls due on the way may set new timers that fall due on the way.
  auto target = scheduler_.elapsed() + by;
  for (;;) {
    auto left = target - scheduler_.elapsed();
    auto next = scheduler_.next_timeout();
    auto last = !next || *next > left;
    if (last)
      scheduler_.advance(left);
    else
      scheduler_.trigger_next();
    sync_clock();
    count += run();
    if (last)
      return count;
  }
}

size_t simulation::actors_alive() {
  return scheduler_.system().registry().running();
}

/// What a waiting caller does: messages first, then time.
bool simulation::step() {
  if (run() > 0)
    return true;
  if (!scheduler_.trigger_next())
    return false;
  sync_clock();
  return true;
}

void simulation::sync_clock() {
  clock_->set(
    start_time
    + std::chrono::floor<std::chrono::microseconds>(scheduler_.elapsed()));
}

} // namespace cosmo::testing

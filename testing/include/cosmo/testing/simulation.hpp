// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/runtime.hpp>
#include <cosmo/signal_builder.hpp>
#include <cosmo/testing/deterministic_scheduler.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace cosmo::testing {

/// A runtime in a world of its own: one thread, virtual time, seeded ids and
/// randomness. The same seed and the same calls give the same events.
///
/// Blocking calls of the facade work: while they wait, messages are delivered
/// and, when none is left, time moves to the next timeout. Plain Neurons and
/// callbacks run on the same thread.
/// @affinity one thread
class simulation {
public:
  /// The instant at which every simulation begins: 2026-01-01T00:00:00Z.
  static constexpr timestamp start_time{
    std::chrono::sys_days{std::chrono::year{2026} / std::chrono::January / 1}};

  /// @param mailbox_max Signals that may wait for one receiver.
  explicit simulation(uint64_t seed = 1,
                      size_t mailbox_max = mailbox_max_default);
  ~simulation();

  cosmo::runtime& runtime() noexcept {
    return *runtime_;
  }

  /// Where the simulation's time, chance and ids come from.
  const world& outside() const noexcept {
    return outside_;
  }

  signal_builder build() const {
    return signal_builder{outside_};
  }

  /// Lets one actor take one message. @returns whether there was one.
  bool deliver_one();

  /// Delivers one message or, if none is left, moves time to the next timeout.
  /// @returns whether anything happened.
  bool step();

  /// Delivers messages until none is left. @returns how many there were.
  /// @throws std::runtime_error after a million: the system does not settle.
  size_t run();

  /// Moves time, with everything that falls due and follows from it.
  size_t advance(std::chrono::nanoseconds by);

  /// The number of actors alive, to prove that none is leaked.
  size_t actors_alive();

private:
  void sync_clock();

  std::shared_ptr<manual_clock> clock_;
  world outside_;
  deterministic_scheduler scheduler_;
  std::unique_ptr<cosmo::runtime> runtime_;
};

} // namespace cosmo::testing

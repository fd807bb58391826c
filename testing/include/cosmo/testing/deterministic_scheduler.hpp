// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <caf/fwd.hpp>
#include <caf/timespan.hpp>

#include <cstddef>
#include <memory>
#include <optional>

namespace cosmo::testing {

/// An actor system whose actors run only when told to, one message at a time,
/// on the caller's thread, with a clock that stands still by itself.
///
/// Its source is the one file of the test bed that depends on the CAF release.
/// @affinity one thread
class deterministic_scheduler {
public:
  deterministic_scheduler();
  ~deterministic_scheduler();

  caf::actor_system& system();

  /// Lets one actor take one message. @returns whether there was one.
  bool deliver_one();

  /// Moves the clock and triggers what falls due. @returns how many did.
  size_t advance(caf::timespan by);

  /// Moves the clock to the next timeout and triggers it.
  /// @returns whether there was one.
  bool trigger_next();

  /// How far the clock must move for the next timeout; nothing if there is
  /// none.
  std::optional<caf::timespan> next_timeout() const;

  /// How far the clock has moved since the start.
  caf::timespan elapsed() const;

private:
  struct impl;

  std::unique_ptr<impl> impl_;
};

} // namespace cosmo::testing

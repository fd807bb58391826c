// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/backoff.hpp>
#include <cosmo/error.hpp>
#include <cosmo/signal.hpp>

#include <caf/expected.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace cosmo {

/// How one attempt ended: the Signal that resolved it, or ec::timeout, or
/// ec::pathway_closed.
using attempt_outcome = caf::expected<signal>;

/// Whether another attempt may help: after ec::timeout, ec::pathway_closed and
/// an ERROR that calls itself recoverable. @source dendrite.md section 15
bool default_retry_on(const attempt_outcome& outcome);

/// How `dispatch_and_wait` tries again. The functions run off the scheduler
/// and may block.
/// @source dendrite.md section 15
struct retry_strategy {
  /// All attempts together, the first included; at least 1.
  int max_attempts = 3;
  /// For each attempt; absent: the timeout of the call.
  std::optional<std::chrono::nanoseconds> timeout = std::chrono::seconds{30};
  /// The pause after a failed attempt; none by default.
  cosmo::backoff backoff = {};
  /// Whether to go on; empty: `default_retry_on`. What it throws ends the call
  /// with ec::bad_argument.
  std::function<bool(const attempt_outcome&)> retry_on = {};
  /// Each attempt on a trace of its own; the trace of one that is given up is
  /// stopped. Without it no STOP is sent, and a late answer to one attempt
  /// counts for the next.
  bool new_trace = true;
  /// Whether those STOPs undo what the attempt has written to Engrams.
  bool rollback_on_retry = false;
  /// Called before each further attempt. What it throws is logged.
  std::function<void(int attempt, const attempt_outcome&)> on_retry = {};
  /// What those STOPs give as their reason.
  std::string reason = "retry";
  /// With `rollback_on_retry`: how long the next attempt waits at most for all
  /// known Engrams to have rolled back; 0 for not at all.
  std::chrono::nanoseconds rollback_wait = std::chrono::seconds{1};
};

/// @returns ec::bad_argument naming the member.
caf::error check(const retry_strategy& strategy);

} // namespace cosmo

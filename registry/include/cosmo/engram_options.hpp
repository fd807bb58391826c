// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/error.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace cosmo {

/// What a rollback does with a write that somebody else has overwritten.
/// @source engram.md 9.4
enum class rollback_conflict : uint8_t {
  /// Leaves the later write alone, also when that is rolled back afterwards.
  skip,
  /// Undoes it all the same: the later write is lost.
  force,
};

/// Bounds of a stock Engram; each is at least 1. @source engram.md section 14
struct engram_limits {
  /// Hits of one recall, whatever its `top_k` says. More: `truncated`.
  size_t top_k = 1'000;
  /// Bytes of an entry as compact JSON, also of what a merge makes of it.
  /// More: `invalid_entry`.
  size_t entry_bytes = 1024 * 1024;
  /// Tags of one entry. More: `invalid_entry`.
  size_t tags = 64;
  /// Bytes of one tag. More: `invalid_entry`.
  size_t tag_bytes = 256;
  /// More: `invalid_entry`.
  size_t merge_key_bytes = 1024;
  /// Writes of one trace that could be undone. More: `engram_overloaded`, for
  /// no write is made that could not be undone.
  size_t journal_records = 10'000;
  /// Traces with such writes. More: those beyond `saga_ttl` are kept for good;
  /// if there are none, `engram_overloaded`.
  size_t open_traces = 100'000;
  /// Remembered IMPRINT ids. More: the oldest are forgotten, unless they are
  /// younger than `saga_ttl`.
  size_t seen_marks = 1'000'000;

  bool operator==(const engram_limits&) const = default;
};

/// How a stock Engram treats its journal and what it remembers.
struct engram_rules {
  engram_limits limits = {};
  /// How long after its last write a trace can be rolled back.
  std::chrono::milliseconds saga_ttl = std::chrono::hours{24};
  /// How long a repeated IMPRINT is recognised; never less than `saga_ttl`.
  std::chrono::milliseconds seen_ttl = std::chrono::days{7};
  /// How long the place of a deleted entry is kept.
  std::chrono::milliseconds tombstone_ttl = std::chrono::days{7};
  /// How long after a rollback late writes of the trace are refused; 0: never.
  /// @source engram.md 9.6
  std::chrono::milliseconds stop_fence = std::chrono::seconds{60};
  /// By how much a sender's clock may be ahead of the one that stamped the
  /// STOP.
  std::chrono::milliseconds stop_skew{0};
  /// Refuses every write of the trace then, not only those stamped before the
  /// STOP.
  bool strict_fence = false;
  rollback_conflict on_conflict = rollback_conflict::skip;

  bool operator==(const engram_rules&) const = default;
};

/// @returns ec::bad_config naming the first option that is out of its domain,
///          and its value.
caf::error validate(const engram_rules& rules);

} // namespace cosmo

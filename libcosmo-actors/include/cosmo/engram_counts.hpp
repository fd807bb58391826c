// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>

namespace cosmo {

/// What only the backend of an Engram knows. The first two are as of now, the
/// others grow as long as the backend object lives, whether it is closed and
/// connected again or not. What was undone again with its transaction does not
/// count.
/// @source engram.md 19.6
struct engram_journal_counts {
  /// Traces whose writes can still be undone.
  size_t open_traces = 0;
  /// Writes that can still be undone, or are being undone.
  size_t journal_records = 0;
  /// IMPRINTs that came again and changed nothing.
  size_t replays = 0;
  /// Writes undone by rollbacks.
  size_t compensated = 0;
  /// Writes that rollbacks left alone because somebody changed the entry
  /// afterwards.
  size_t conflicts = 0;
  /// Journal records that were made to lead past such a write.
  size_t spliced = 0;
  /// Writes that rollbacks could not undo because their record is damaged.
  size_t failed = 0;
  /// Journals, marks, tombstones and fences forgotten when they were over their
  /// time.
  size_t swept = 0;

  bool operator==(const engram_journal_counts&) const = default;
};

/// What went through an Engram since it was attached to its Dendrite, restarts
/// of either included.
///
/// A request counts when it has been answered or refused; until then it is part
/// of the queue.
/// @source engram.md 19.6
struct engram_counts {
  using by_name = std::map<std::string, size_t, std::less<>>;

  /// RECALLs, those in vain included.
  size_t recalls = 0;
  /// What they have found.
  size_t hits = 0;
  /// IMPRINTs, refused ones included, by `op`: `add`, `append`, `merge`,
  /// `upsert`, `delete`; whatever else was asked for is `other`.
  by_name imprints = {};
  /// RECALLs and IMPRINTs that failed, by the token of their error. Texts
  /// without one are `imprint_refused`, RECALLs past their deadline
  /// `engram_timeout`, tokens beyond the 64th `other`.
  /// @source errors.md section 2
  by_name errors = {};
  /// How often it has failed and was started again, in vain or not.
  size_t restarts = 0;
  /// Requests that wait, or are being worked on.
  size_t queue_depth = 0;
  /// Absent while the Engram does not serve, and if its backend does not count
  /// or does not answer within 5 s.
  std::optional<engram_journal_counts> journal = {};

  bool operator==(const engram_counts&) const = default;
};

} // namespace cosmo

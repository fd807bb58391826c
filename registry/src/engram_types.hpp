// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/json.hpp>
#include <cosmo/timestamp.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace cosmo::registry {

/// What a write can change of an entry, and an undo brings back.
struct entry_image {
  json content = nullptr;
  std::vector<std::string> tags = {};
  /// An object.
  json meta = json::object();
  std::optional<std::string> merge_key = {};
  timestamp created_at = {};
  int64_t version = 1;
};

/// What comes after a version, which a file of others may have at the end.
constexpr int64_t next_version(int64_t version) noexcept {
  return version < std::numeric_limits<int64_t>::max() ? version + 1 : version;
}

/// An entry as it is stored.
struct engram_row {
  std::string id = {};
  entry_image image = {};
  timestamp updated_at = {};
  /// Set: the entry is deleted, and this is its tombstone.
  std::optional<timestamp> deleted_at = {};
  /// The number of the write that made it so; greater is later.
  int64_t rev = 0;
  /// Why the image cannot be read. Empty: it can.
  std::string damage = {};

  bool live() const noexcept {
    return !deleted_at;
  }
};

/// What is known about one write of a trace, so that it can be undone.
/// @source engram.md 9.2
struct journal_record {
  /// Given by the storage; greater is later.
  int64_t seq = 0;
  std::string trace_id = {};
  std::string imprint_id = {};
  std::string op = {};
  std::string entry_id = {};
  /// Absent: there was no live entry.
  std::optional<entry_image> before = {};
  /// `rev` of the row as it was found, 0 if there was none.
  int64_t before_rev = 0;
  /// `rev` that the write gave it.
  int64_t after_rev = 0;
  timestamp at = {};
  /// Why `before` cannot be read. Empty: it can.
  std::string damage = {};
};

enum class trace_state : uint8_t {
  /// Its journal can be undone.
  open,
  /// A part of it is.
  rolling_back,
  /// All of it is.
  rolled_back,
};

/// What is known about one trace.
struct trace_row {
  std::string trace_id = {};
  trace_state state = trace_state::open;
  /// The STOP that was executed last. It stays when the trace is written to
  /// again, for it may be repeated, and late writes may still arrive.
  std::optional<std::string> stop_id = {};
  timestamp stop_ts = {};
  /// Records in its journal.
  size_t op_count = 0;
  size_t compensated = 0;
  size_t conflicts = 0;
  size_t failed = 0;
  bool failed_seen = false;
  timestamp opened_at = {};
  timestamp touched_at = {};
  /// When its last rollback was finished.
  std::optional<timestamp> closed_at = {};
};

/// Which live entries a recall has to look at.
struct entry_range {
  std::optional<std::string> merge_key = {};
  /// Bounds of `updated_at`; a storage may be a second too generous.
  std::optional<timestamp> since = {};
  std::optional<timestamp> until = {};
  /// Small letters that must stand in the content. A storage that finds them in
  /// its own way of writing it may leave out where they are not.
  std::optional<std::string> word = {};
};

/// Which marks of writes may be forgotten.
struct mark_bounds {
  timestamp expired_before = {};
  /// The oldest of those above this number are forgotten too...
  size_t kept = 0;
  /// ...but for the ones that are younger.
  timestamp protected_from = {};
};

} // namespace cosmo::registry

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/engram_counts.hpp>
#include <cosmo/error.hpp>
#include <cosmo/ids.hpp>
#include <cosmo/json.hpp>
#include <cosmo/timestamp.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cosmo {

/// What an Engram announces of itself; fixed at construction.
/// @source engram.md section 1
struct engram_description {
  /// Its address.
  std::string engram_id;
  /// A routing label: `keyvalue`, `relational`, `context`, ...
  std::string engram_kind;
  std::vector<std::string> capabilities = {};
  std::optional<std::string> version = {};

  bool operator==(const engram_description&) const = default;
};

/// One entry that a recall found. @source engram.md 2.3
struct engram_hit {
  std::string id;
  /// An object: `id`, `content`, `tags`, `version`, `created_at`, ...
  json entry = json::object();
  double score = 1.0;
};

/// What a RECALL asks for.
struct recall_request {
  /// An object; `text`, `tag`, `merge_key` and `top_k` mean something to the
  /// stock backends.
  json query = json::object();
  /// An object: `tags`, `since`, `until`.
  json filters = json::object();
  std::optional<std::string> context_ref = {};
  std::optional<std::chrono::milliseconds> deadline = {};
  std::optional<double> min_confidence = {};
};

/// What a backend found, best first. A miss is an empty list.
struct recall_finds {
  std::vector<engram_hit> hits = {};
  /// Whether a limit cut the list.
  bool truncated = false;
};

/// What an IMPRINT wants to change.
struct imprint_request {
  /// `add`, `append`, `merge`, `upsert` or `delete`.
  std::string op;
  /// An object with `id`, `content`, `tags` and `meta`; null counts as empty.
  json entry = json::object();
  std::optional<std::string> merge_key = {};
  /// Id of the IMPRINT: a repeated one changes nothing. Empty: unknown.
  std::string imprint_id = {};
  /// Whose journal it goes into. Empty: into none.
  std::string trace_id = {};
  /// When it was stamped. The fence of a rolled-back trace compares it.
  timestamp sent_at = {};
};

/// What became of one write. A write that was refused says why in `error`, as
/// `<token>: <text>`.
struct imprint_receipt {
  std::string engram_id;
  std::string op;
  /// Absent for a delete that hit nothing.
  std::optional<std::string> id = {};
  /// Absent for a delete.
  std::optional<int64_t> version = {};
  std::optional<int64_t> took_ms = {};
  std::optional<std::string> error = {};

  bool ok() const noexcept {
    return !error;
  }
};

/// A STOP with rollback, as far as an Engram is concerned.
struct rollback_order {
  std::string trace_id;
  /// Id of the STOP; the same one is executed once.
  std::string stop_id;
  /// When it was stamped.
  timestamp stopped_at = {};

  bool operator==(const rollback_order&) const = default;
};

/// How far a rollback has come, counted from its beginning.
struct rollback_report {
  /// Writes undone.
  size_t compensated = 0;
  /// Writes left alone because somebody changed the entry afterwards.
  size_t conflicts = 0;
  /// Writes whose record could not be read.
  size_t failed = 0;
  /// Whether nothing is left to undo.
  bool done = true;

  bool operator==(const rollback_report&) const = default;
};

/// Where an Engram keeps its entries, and the journal by which a trace's writes
/// are undone. Implemented by `memory_engram` and `sqlite_engram`, by
/// `served_engram` over callbacks, or by yourself.
///
/// Inside a runtime one actor owns a backend and makes all calls, one at a
/// time; off the scheduler if it `blocks`. What an implementation throws fails
/// that one call. An error that is returned (and not told in a receipt) means
/// that the storage is broken: it is closed and connected again.
/// @affinity any thread, one call at a time   @source engram.md sections 3 to
/// 12
class engram_backend {
public:
  virtual ~engram_backend() = default;

  virtual const engram_description& describe() const noexcept = 0;

  /// Opens what it stands on. Idempotent. Time and ids come from `outside`.
  /// @returns ec::store_corrupt, store_foreign, store_too_new, store_busy or
  ///          store_io naming the place; nothing is touched then.
  virtual caf::error connect(const world& outside) = 0;

  /// Lets go of it. Idempotent; `connect` may follow.
  virtual void close() = 0;

  /// Whether it has an answer to such a query; its host keeps silent if not.
  virtual bool can_serve(const json& query);

  virtual caf::expected<recall_finds> recall(const recall_request& what) = 0;

  /// Makes writes in order, each for itself: one that is refused harms no
  /// other. What is accepted is durable when this returns, with its journal
  /// record and the mark by which a repetition is recognised.
  /// @returns one receipt for each.
  virtual caf::expected<std::vector<imprint_receipt>>
  imprint(const std::vector<imprint_request>& writes) = 0;

  /// Undoes some of what the trace has written, newest first, until the report
  /// says `done`; the first call bars late writes of the trace. Rolls back
  /// nothing twice: a repeated order gets the report that it got.
  virtual caf::expected<rollback_report>
  compensate(const rollback_order& order);

  /// Keeps what the trace has written: drops its journal.
  virtual caf::error commit(const std::string& trace_id);

  /// Notes that an ERROR was seen on the trace. Its journal is kept.
  virtual caf::error mark_failed(const std::string& trace_id);

  /// The rollbacks that were under way when the backend was closed or died.
  virtual caf::expected<std::vector<rollback_order>> unfinished();

  /// Forgets what is over its time: journals, marks, tombstones. Its host calls
  /// it after `connect` and from time to time.
  /// @returns how many things.
  virtual caf::expected<size_t> sweep();

  /// What it has counted, and how full its journal is. Asked for by whoever
  /// watches the Engram.
  /// @returns nothing if it does not count, or cannot look now.
  virtual std::optional<engram_journal_counts> counts();

  /// Whether calls may take long, so that their actor needs its own thread.
  virtual bool blocks() const noexcept {
    return true;
  }
};

using engram_backend_ptr = std::shared_ptr<engram_backend>;

} // namespace cosmo

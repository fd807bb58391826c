// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/engram_backend.hpp>
#include <cosmo/engram_options.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace cosmo {

/// What a write survives once it is acknowledged.
enum class engram_durability : uint8_t {
  /// The death of the process and a power cut.
  full,
  /// The death of the process. A power cut may take the last writes, each with
  /// its journal record.
  normal,
};

struct sqlite_engram_options {
  std::string engram_id = "engram-sqlite";
  std::string engram_kind = "relational";
  /// Empty: `substring`, `tags`, `merge_key`, `time_range`.
  std::vector<std::string> capabilities = {};
  engram_rules rules = {};
  engram_durability durability = engram_durability::full;
  /// How long a call waits for a lock that somebody else holds on the file.
  std::chrono::milliseconds busy_timeout{5'000};
};

/// An Engram that outlives the process: a SQLite file with the tables of
/// schema/engram.sql. `:memory:` is a private one that is gone after `close`.
///
/// A missing or empty file becomes one. A file that the Python SDK made is
/// brought up to date, and that SDK can go on with it. Whatever file is refused
/// keeps its bytes, also one of an Engram with another id.
///
/// The writes of one `imprint` are one transaction, each with its journal
/// record and the mark by which a repetition is recognised. A write that finds
/// the file locked for longer than the busy timeout is refused as
/// `engram_overloaded`; a file that cannot be written or is damaged is the
/// error of the whole call, and nothing of it happened.
///
/// A rollback goes on where it was when the process died: `unfinished` names
/// it. An entry that cannot be read is logged once as `unreadable-entry` and
/// left out of `recall`; a merge into it, or a write of a trace, which could
/// not be undone, is refused as `engram_exception`.
/// @affinity any thread, one call at a time
/// @source engram.md sections 5, 8 to 12, doc/decisions/007-engram-files.md
class sqlite_engram final : public engram_backend {
public:
  /// Touches nothing yet.
  /// @param path never a URI; its folder must exist.
  explicit sqlite_engram(std::string path = ":memory:",
                         sqlite_engram_options options = {});

  ~sqlite_engram() override;

  sqlite_engram(const sqlite_engram&) = delete;
  sqlite_engram& operator=(const sqlite_engram&) = delete;

  const engram_description& describe() const noexcept override;

  /// Reads the whole file once to see that it is sound.
  /// @returns ec::bad_config naming an option, store_corrupt, store_foreign,
  ///          store_too_new, store_busy, or store_io, also if the file can be
  ///          read but not be written.
  caf::error connect(const world& outside) override;

  void close() override;

  /// @returns ec::not_connected, store_io, store_corrupt or store_busy.
  caf::expected<recall_finds> recall(const recall_request& what) override;

  /// @returns ec::not_connected, store_io or store_corrupt.
  caf::expected<std::vector<imprint_receipt>>
  imprint(const std::vector<imprint_request>& writes) override;

  /// Each call is one transaction of at most 256 undone writes; the first one
  /// only makes it known that the trace is to be rolled back.
  /// @returns ec::not_connected, store_io, store_corrupt, or store_busy, after
  ///          which it can be called again.
  caf::expected<rollback_report>
  compensate(const rollback_order& order) override;

  caf::error commit(const std::string& trace_id) override;

  caf::error mark_failed(const std::string& trace_id) override;

  caf::expected<std::vector<rollback_order>> unfinished() override;

  caf::expected<size_t> sweep() override;
  std::optional<engram_journal_counts> counts() override;

private:
  class impl;

  std::unique_ptr<impl> impl_;
};

} // namespace cosmo

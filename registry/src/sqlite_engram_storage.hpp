// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engram_storage.hpp"
#include "sqlite_entries.hpp"
#include "sqlite_journal.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <memory>
#include <string>

namespace cosmo::registry {

/// Keeps everything in a file of schema/engram.sql. Throws what SQLite throws.
class sqlite_engram_storage final : public engram_storage {
public:
  /// @pre The database was opened by `open_engram_file`.
  sqlite_engram_storage(std::unique_ptr<SQLite::Database> db,
                        const std::string& engram_kind);

  void transact(const std::function<void()>& work) override;
  std::string attempt(const std::function<void()>& work) override;
  int64_t next_rev() override;

  std::optional<engram_row> find(const std::string& id) override;
  std::optional<engram_row> current(const std::string& merge_key) override;
  void scan(const entry_range& which,
            const std::function<bool(engram_row)>& fn) override;
  void put(const engram_row& row) override;
  void remove(const std::string& id) override;
  size_t forget_tombstones(timestamp deleted_before) override;

  void add_record(const journal_record& record) override;
  std::vector<journal_record> newest_records(const std::string& trace_id,
                                             size_t count) override;
  void drop_record(const journal_record& record) override;
  void drop_records(const std::string& trace_id) override;
  size_t splice(const journal_record& undone) override;
  size_t count_records() override;

  std::optional<trace_row> find_trace(const std::string& trace_id) override;
  void put_trace(const trace_row& row) override;
  void drop_trace(const std::string& trace_id) override;
  size_t count_traces(trace_state state) override;
  std::vector<trace_row> list_traces(trace_state state,
                                     timestamp touched_before) override;

  std::optional<std::string> find_mark(const std::string& imprint_id) override;
  void put_mark(const std::string& imprint_id, const std::string& entry_id,
                timestamp at) override;
  size_t forget_marks(const mark_bounds& bounds) override;

  void tidy() override;

private:
  int64_t stored_rev();

  std::unique_ptr<SQLite::Database> db_;
  sqlite_entries entries_;
  sqlite_journal journal_;
  SQLite::Statement savepoint_;
  SQLite::Statement release_;
  SQLite::Statement undo_;
  SQLite::Statement read_rev_;
  SQLite::Statement write_rev_;
  SQLite::Statement find_mark_;
  SQLite::Statement put_mark_;
  SQLite::Statement expire_marks_;
  SQLite::Statement trim_marks_;
  SQLite::Statement count_marks_;
  /// Within a transaction: the last one given out.
  int64_t rev_ = 0;
};

} // namespace cosmo::registry

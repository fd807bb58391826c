// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engram_types.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <optional>
#include <string>
#include <vector>

namespace cosmo::registry {

/// The tables `engram_saga` and `engram_saga_trace` with their statements.
class sqlite_journal {
public:
  explicit sqlite_journal(SQLite::Database& db);

  void add_record(const journal_record& record);

  std::vector<journal_record> newest_records(const std::string& trace_id,
                                             size_t count);

  void drop_record(const journal_record& record);

  void drop_records(const std::string& trace_id);

  size_t splice(const journal_record& undone);

  size_t count_records();

  std::optional<trace_row> find_trace(const std::string& trace_id);

  void put_trace(const trace_row& row);

  void drop_trace(const std::string& trace_id);

  size_t count_traces(trace_state state);

  std::vector<trace_row> list_traces(trace_state state,
                                     timestamp touched_before);

private:
  SQLite::Statement add_;
  SQLite::Statement newest_;
  SQLite::Statement drop_one_;
  SQLite::Statement drop_all_;
  SQLite::Statement splice_;
  SQLite::Statement count_records_;
  SQLite::Statement find_;
  SQLite::Statement put_;
  SQLite::Statement drop_;
  SQLite::Statement count_;
  SQLite::Statement list_;
};

} // namespace cosmo::registry

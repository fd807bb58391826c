// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engram_types.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <functional>
#include <optional>
#include <string>

namespace cosmo::registry {

/// The table `engram_entries` with its statements.
class sqlite_entries {
public:
  sqlite_entries(SQLite::Database& db, std::string engram_kind);

  std::optional<engram_row> find(const std::string& id);

  std::optional<engram_row> current(const std::string& merge_key);

  void scan(const entry_range& which,
            const std::function<bool(engram_row)>& fn);

  void put(const engram_row& row);

  void remove(const std::string& id);

  size_t forget_tombstones(timestamp deleted_before);

private:
  std::string engram_kind_;
  SQLite::Statement find_;
  SQLite::Statement current_;
  SQLite::Statement scan_all_;
  SQLite::Statement scan_key_;
  SQLite::Statement put_;
  SQLite::Statement remove_;
  SQLite::Statement forget_;
};

} // namespace cosmo::registry

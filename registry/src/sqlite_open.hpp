// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sqlite_fault.hpp"

#include <SQLiteCpp/Database.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace cosmo::registry {

/// What makes a database one of ours.
class file_layout {
public:
  virtual ~file_layout() = default;

  /// Whether it is one; if not, it is empty.
  /// @returns ec::store_foreign or store_too_new.
  virtual caf::expected<bool> recognise(SQLite::Database& db,
                                        const store_place& where) const
    = 0;

  /// Whether `make` has nothing to do.
  /// @pre It is one.
  virtual bool is_current(SQLite::Database& db) const = 0;

  /// Makes one of an empty database, or brings one up to date. Called inside a
  /// transaction.
  virtual void make(SQLite::Database& db, bool is_one) const = 0;
};

/// Opens the file at `where`; a missing or empty one becomes one of ours, which
/// has a write-ahead log where that is possible. A file that is refused keeps
/// its bytes.
/// @returns ec::store_foreign, store_too_new, store_corrupt or store_io; what
///          SQLite itself complains about is thrown.
caf::expected<std::unique_ptr<SQLite::Database>>
open_file(const store_place& where, std::chrono::milliseconds busy_timeout,
          const file_layout& layout);

/// The first column of the first row.
int64_t number_of(SQLite::Database& db, const std::string& query);

bool has_write_ahead_log(SQLite::Database& db);

/// Whether there is such a table, and its rows have rowids.
bool has_table(SQLite::Database& db, const std::string& table);

/// How a table looks, defaults and order of the columns apart.
std::vector<std::string> shape_of(SQLite::Database& db,
                                  const std::string& table);

/// What a schema makes of an empty database.
SQLite::Database make_sample(const char* schema);

/// What both layouts say of a database: whose it is, and whether it is empty.
/// @returns true if it has to be looked at more closely.
caf::expected<bool> has_content(SQLite::Database& db, const store_place& where);

/// @returns ec::store_too_new if the file is of a later version.
caf::error check_version(SQLite::Database& db, const store_place& where,
                         int64_t known);

} // namespace cosmo::registry

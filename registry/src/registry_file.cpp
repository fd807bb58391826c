// SPDX-License-Identifier: Apache-2.0
#include "registry_file.hpp"

#include "registry_schema.hpp"
#include "sqlite_fault.hpp"

#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>
#include <sqlite3.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <vector>

namespace cosmo::registry {

namespace {

int to_int(std::chrono::milliseconds time) {
  using rep = std::chrono::milliseconds::rep;
  return static_cast<int>(
    std::clamp<rep>(time.count(), 0, std::numeric_limits<int>::max()));
}

int64_t number(SQLite::Database& db, const char* query) {
  return db.execAndGet(query).getInt64();
}

/// Keeps SQLite from tidying up on closing, which would move the log that a
/// crashed process left behind into a file that may be none of ours.
class untouched_log {
public:
  untouched_log(SQLite::Database& db, const std::string& path) : db_(db) {
    std::error_code no_such_file;
    const auto bytes = std::filesystem::file_size(path + "-wal", no_such_file);
    if (!no_such_file && bytes > 0)
      keep(true);
  }

  void release() {
    keep(false);
  }

private:
  void keep(bool yes) {
    sqlite3_db_config(db_.getHandle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE,
                      yes ? 1 : 0, nullptr);
  }

  SQLite::Database& db_;
};

/// How a table `neurons` looks, defaults and order of the columns apart.
std::vector<std::string> shape_of_neurons(SQLite::Database& db) {
  SQLite::Statement query{
    db, "SELECT lower(name) || ' ' || upper(type) || iif(pk, ' KEY', '') "
        "FROM pragma_table_info('neurons') ORDER BY 1"};
  std::vector<std::string> result;
  while (query.executeStep())
    result.push_back(query.getColumn(0).getString());
  return result;
}

/// What this build makes itself.
SQLite::Database make_sample() {
  SQLite::Database result{":memory:",
                          SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE};
  result.exec(schema);
  return result;
}

/// Whether it is a registry; if not, it is empty.
/// @returns ec::store_foreign or store_too_new.
caf::expected<bool> is_registry(SQLite::Database& db, const std::string& path) {
  auto sample = make_sample();
  if (number(db, "PRAGMA application_id") != 0)
    return store_error(ec::store_foreign, path,
                       "the file belongs to another application");
  const auto version = number(db, "PRAGMA user_version");
  const auto known = number(sample, "PRAGMA user_version");
  if (version == 0 && number(db, "SELECT count(*) FROM sqlite_schema") == 0)
    return false;
  // Rows are kept in order by their rowids, which views and some tables lack.
  if (number(db, "SELECT count(*) FROM pragma_table_list WHERE schema = 'main'"
                 " AND name = 'neurons' AND type = 'table' AND wr = 0")
      == 0)
    return store_error(ec::store_foreign, path,
                       "the file has no table `neurons`");
  if (version > known)
    return store_error(ec::store_too_new, path,
                       "the file has version " + std::to_string(version)
                         + ", this program knows them up to "
                         + std::to_string(known));
  if (shape_of_neurons(db) != shape_of_neurons(sample))
    return store_error(ec::store_foreign, path,
                       "the table `neurons` has other columns");
  return true;
}

caf::error check_integrity(SQLite::Database& db, const std::string& path) {
  const auto verdict = db.execAndGet("PRAGMA integrity_check(1)").getString();
  if (verdict == "ok")
    return {};
  return store_error(ec::store_corrupt, path, verdict);
}

/// Somebody else may be doing the same at this moment.
caf::error make_registry(SQLite::Database& db, const std::string& path) {
  SQLite::Transaction changes{db, SQLite::TransactionBehavior::IMMEDIATE};
  auto made = is_registry(db, path);
  if (!made)
    return made.error();
  if (!*made)
    db.exec(schema);
  changes.commit();
  return {};
}

caf::error check_path(const std::string& path) {
  // SQLite would open a file nobody has named.
  if (path.empty())
    return store_error(ec::store_io, path, "no path was given");
  if (path.find('\0') != std::string::npos)
    return store_error(ec::store_io, path, "a path cannot hold a NUL");
  // SQLite would take it for an empty one and write over the byte.
  std::error_code no_such_file;
  if (std::filesystem::file_size(path, no_such_file) == 1)
    return store_error(ec::store_foreign, path, "file is not a database");
  return {};
}

caf::error prepare(SQLite::Database& db, const std::string& path) {
  untouched_log log{db, path};
  auto made = is_registry(db, path);
  if (!made)
    return made.error();
  if (*made)
    if (auto err = check_integrity(db, path))
      return err;
  if (sqlite3_db_readonly(db.getHandle(), "main") != 0)
    return store_error(ec::store_io, path, "the file cannot be written");
  if (!*made)
    if (auto err = make_registry(db, path))
      return err;
  log.release();
  // In memory and on some network disks there is no such log, and without it
  // less than full synchronisation could cost the whole file.
  const auto mode = db.execAndGet("PRAGMA journal_mode = WAL").getString();
  if (mode == "wal")
    db.exec("PRAGMA synchronous = NORMAL");
  return {};
}

} // namespace

caf::expected<std::unique_ptr<SQLite::Database>>
open_registry_file(const std::string& path,
                   std::chrono::milliseconds busy_timeout) {
  if (auto err = check_path(path))
    return err;
  // Some builds of SQLite take what looks like a URI for one.
  const auto name = path.starts_with("file:") ? "./" + path : path;
  // The store makes one call at a time.
  auto db = std::make_unique<SQLite::Database>(
    name, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE | SQLite::OPEN_NOMUTEX,
    to_int(busy_timeout));
  if (auto err = prepare(*db, path))
    return err;
  return db;
}

} // namespace cosmo::registry

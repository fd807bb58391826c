// SPDX-License-Identifier: Apache-2.0
#include "sqlite_open.hpp"

#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>
#include <sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <limits>

namespace cosmo::registry {

namespace {

int to_int(std::chrono::milliseconds time) {
  using rep = std::chrono::milliseconds::rep;
  return static_cast<int>(
    std::clamp<rep>(time.count(), 0, std::numeric_limits<int>::max()));
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

caf::error check_integrity(SQLite::Database& db, const store_place& where) {
  const auto verdict = db.execAndGet("PRAGMA integrity_check(1)").getString();
  if (verdict == "ok")
    return {};
  return store_error(ec::store_corrupt, where, verdict);
}

/// Somebody else may be doing the same at this moment.
caf::error make(SQLite::Database& db, const store_place& where,
                const file_layout& layout) {
  SQLite::Transaction changes{db, SQLite::TransactionBehavior::IMMEDIATE};
  auto is_one = layout.recognise(db, where);
  if (!is_one)
    return is_one.error();
  layout.make(db, *is_one);
  changes.commit();
  return {};
}

/// There is none in memory and on some network disks.
void make_write_ahead_log(SQLite::Database& db) {
  // SQLite does not wait for the one who is doing the same at this moment.
  constexpr int tries = 100;
  for (int i = 1; i < tries; ++i) {
    if (db.tryExec("PRAGMA journal_mode = WAL") != SQLITE_BUSY)
      break;
    SQLite::Transaction wait{db, SQLite::TransactionBehavior::IMMEDIATE};
    wait.commit();
  }
  db.exec("PRAGMA journal_mode = WAL");
}

caf::error check_path(const store_place& where) {
  // SQLite would open a file nobody has named.
  if (where.path.empty())
    return store_error(ec::store_io, where, "no path was given");
  if (where.path.find('\0') != std::string::npos)
    return store_error(ec::store_io, where, "a path cannot hold a NUL");
  // SQLite would take it for an empty one and write over the byte.
  std::error_code no_such_file;
  if (std::filesystem::file_size(where.path, no_such_file) == 1)
    return store_error(ec::store_foreign, where, "file is not a database");
  return {};
}

caf::error prepare(SQLite::Database& db, const store_place& where,
                   const file_layout& layout) {
  untouched_log log{db, where.path};
  auto is_one = layout.recognise(db, where);
  if (!is_one)
    return is_one.error();
  if (*is_one)
    if (auto err = check_integrity(db, where))
      return err;
  if (sqlite3_db_readonly(db.getHandle(), "main") != 0)
    return store_error(ec::store_io, where, "the file cannot be written");
  if (!*is_one || !layout.is_current(db))
    if (auto err = make(db, where, layout))
      return err;
  log.release();
  make_write_ahead_log(db);
  return {};
}

} // namespace

caf::expected<std::unique_ptr<SQLite::Database>>
open_file(const store_place& where, std::chrono::milliseconds busy_timeout,
          const file_layout& layout) {
  if (auto err = check_path(where))
    return err;
  // Some builds of SQLite take what looks like a URI for one.
  const auto name
    = where.path.starts_with("file:") ? "./" + where.path : where.path;
  // A store makes one call at a time.
  auto db = std::make_unique<SQLite::Database>(
    name, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE | SQLite::OPEN_NOMUTEX,
    to_int(busy_timeout));
  if (auto err = prepare(*db, where, layout))
    return err;
  return db;
}

int64_t number_of(SQLite::Database& db, const std::string& query) {
  return db.execAndGet(query).getInt64();
}

bool has_write_ahead_log(SQLite::Database& db) {
  return db.execAndGet("PRAGMA journal_mode").getString() == "wal";
}

bool has_table(SQLite::Database& db, const std::string& table) {
  SQLite::Statement query{
    db, "SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND "
        "name = ?1 AND type = 'table' AND wr = 0"};
  query.bind(1, table);
  query.executeStep();
  return query.getColumn(0).getInt() > 0;
}

std::vector<std::string> shape_of(SQLite::Database& db,
                                  const std::string& table) {
  SQLite::Statement query{
    db, "SELECT lower(name) || ' ' || upper(type) || iif(pk, ' KEY', '') "
        "FROM pragma_table_info(?1) ORDER BY 1"};
  query.bind(1, table);
  std::vector<std::string> result;
  while (query.executeStep())
    result.push_back(query.getColumn(0).getString());
  return result;
}

SQLite::Database make_sample(const char* schema) {
  SQLite::Database result{":memory:",
                          SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE};
  result.exec(schema);
  return result;
}

caf::expected<bool> has_content(SQLite::Database& db,
                                const store_place& where) {
  if (number_of(db, "PRAGMA application_id") != 0)
    return store_error(ec::store_foreign, where,
                       "the file belongs to another application");
  return number_of(db, "PRAGMA user_version") != 0
         || number_of(db, "SELECT count(*) FROM sqlite_schema") != 0;
}

caf::error check_version(SQLite::Database& db, const store_place& where,
                         int64_t known) {
  const auto version = number_of(db, "PRAGMA user_version");
  if (version <= known)
    return {};
  return store_error(ec::store_too_new, where,
                     "the file has version " + std::to_string(version)
                       + ", this program knows them up to "
                       + std::to_string(known));
}

} // namespace cosmo::registry

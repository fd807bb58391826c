// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <SQLiteCpp/Database.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace cosmo::test {

/// As Python and TypeScript make it. @source synapse-and-cli.md 8.4
inline constexpr auto upstream_schema
  = "CREATE TABLE IF NOT EXISTS neurons ("
    "neuron_id TEXT PRIMARY KEY, "
    "capabilities TEXT NOT NULL DEFAULT '[]', "
    "version TEXT, "
    "status TEXT NOT NULL DEFAULT 'registered', "
    "last_heartbeat TEXT, "
    "registered_at TEXT NOT NULL)";

/// An Engram's file as Python makes it. @source engram.md 12.1
inline constexpr auto upstream_engram_schema
  = "CREATE TABLE IF NOT EXISTS engram_entries ("
    "id TEXT PRIMARY KEY, "
    "engram_kind TEXT NOT NULL, "
    "merge_key TEXT, "
    "content TEXT NOT NULL, "
    "tags TEXT NOT NULL DEFAULT '[]', "
    "meta TEXT NOT NULL DEFAULT '{}', "
    "version INTEGER NOT NULL DEFAULT 1, "
    "created_at TEXT NOT NULL, "
    "updated_at TEXT NOT NULL, "
    "deleted_at TEXT); "
    "CREATE INDEX IF NOT EXISTS engram_entries_kind_idx "
    "ON engram_entries (engram_kind); "
    "CREATE INDEX IF NOT EXISTS engram_entries_merge_key_idx "
    "ON engram_entries (merge_key) WHERE merge_key IS NOT NULL; "
    "CREATE INDEX IF NOT EXISTS engram_entries_updated_idx "
    "ON engram_entries (updated_at); "
    "CREATE TABLE IF NOT EXISTS engram_imprint_seen ("
    "imprint_id TEXT PRIMARY KEY, "
    "entry_id TEXT NOT NULL, "
    "seen_at TEXT NOT NULL)";

/// What everybody else uses to look into a file.
inline SQLite::Database open_raw(const std::string& path) {
  return {path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, 5'000};
}

/// Makes or changes a file without the store.
inline void run_sql(const std::string& path, const std::string& statements) {
  auto db = open_raw(path);
  db.exec(statements);
}

/// The first column of the first row, as text.
inline std::string ask_sql(const std::string& path, const std::string& query) {
  auto db = open_raw(path);
  return db.execAndGet(query).getString();
}

inline std::string bytes_of(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

inline void write_bytes(const std::string& path, const std::string& bytes) {
  std::ofstream{path, std::ios::binary | std::ios::trunc} << bytes;
}

inline constexpr size_t page_bytes = 4096;

/// Damages a part of a file.
inline void overwrite(std::string& bytes, size_t first, size_t end) {
  bytes.replace(first, end - first, end - first, '\x5A');
}

/// Copies a database with its log, as a crash at this moment would leave it.
inline void copy_database(const std::string& from, const std::string& to) {
  for (const auto* part : {"", "-wal"})
    write_bytes(to + part, bytes_of(from + part));
}

/// The names of what lies in the folder of a file.
inline std::vector<std::string> neighbours_of(const std::string& path) {
  std::vector<std::string> result;
  for (const auto& entry : std::filesystem::directory_iterator{
         std::filesystem::path{path}.parent_path()})
    result.push_back(entry.path().filename().string());
  return result;
}

} // namespace cosmo::test

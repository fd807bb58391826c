// SPDX-License-Identifier: Apache-2.0
// Which files are registries, and that the others are left alone.
#include "registry_file.hpp"

#include "support/neuron_samples.hpp"
#include "support/outcome_of.hpp"
#include "support/scratch_folder.hpp"
#include "support/sqlite_file.hpp"
#include <cosmo/sqlite_registry_store.hpp>

#include <SQLiteCpp/Database.h>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <filesystem>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

namespace {

/// What becomes of connecting to the file, which must not touch it.
std::string refused(const std::string& path) {
  const auto bytes = bytes_of(path);
  const auto log = bytes_of(path + "-wal");
  sqlite_registry_store store{path};
  const auto err = store.connect();
  CHECK((bytes_of(path) == bytes));
  CHECK((bytes_of(path + "-wal") == log));
  CHECK(text_of(err).find(path) != std::string::npos);
  CHECK(outcome_of(store.get("a")) == "not_connected");
  return outcome_of(err);
}

/// A sound file with enough rows for several pages.
void make_registry(const std::string& path, int rows = 500) {
  sqlite_registry_store store{path};
  REQUIRE(outcome_of(store.connect()) == "ok");
  std::vector<registry_write> changes;
  changes.reserve(static_cast<size_t>(rows));
  for (int i = 0; i < rows; ++i)
    changes.emplace_back(sample("neuron " + std::to_string(i)));
  REQUIRE(outcome_of(store.apply(changes)) == "ok");
}

std::string neurons_with(const std::string& columns) {
  return "CREATE TABLE neurons (neuron_id TEXT PRIMARY KEY, " + columns + ")";
}

} // namespace

TEST_CASE("an empty file becomes a registry", "[registry]") {
  const scratch_folder folder;
  const auto has_header = GENERATE(false, true);
  if (has_header)
    run_sql(folder.file(), "CREATE TABLE x (y); DROP TABLE x");
  else
    write_bytes(folder.file(), "");
  sqlite_registry_store store{folder.file()};
  CHECK(outcome_of(store.connect()) == "ok");
  CHECK(outcome_of(store.upsert(sample("a"))) == "ok");
}

TEST_CASE("what SQLite cannot have written is foreign", "[registry]") {
  const scratch_folder folder;
  write_bytes(folder.file(),
              GENERATE("x"s, "Dear grandmother,\n"s, std::string(100'000, '\0'),
                       "SQLite format 2\0 and so on"s));
  CHECK(refused(folder.file()) == "store_foreign");
  CHECK(neighbours_of(folder.file()) == ids{"registry.db"});
}

TEST_CASE("a database of something else is foreign", "[registry]") {
  const scratch_folder folder;
  const std::string statements = GENERATE(
    "CREATE TABLE notes (id INTEGER PRIMARY KEY)"s,
    "CREATE TABLE notes (id INTEGER PRIMARY KEY); PRAGMA user_version = 7"s,
    "PRAGMA user_version = 3"s, "PRAGMA application_id = 1196444487"s,
    std::string{upstream_schema} + "; PRAGMA application_id = 1196444487",
    "CREATE VIEW neurons AS SELECT 1 AS neuron_id"s, neurons_with("name TEXT"),
    // One column too few, too many, of another type, and another key.
    neurons_with("capabilities TEXT, version TEXT, status TEXT, "
                 "registered_at TEXT"),
    neurons_with("capabilities TEXT, version TEXT, status TEXT, "
                 "last_heartbeat TEXT, registered_at TEXT, extra TEXT"),
    neurons_with("capabilities TEXT, version INTEGER, status TEXT, "
                 "last_heartbeat TEXT, registered_at TEXT"),
    "CREATE TABLE neurons (neuron_id TEXT, capabilities TEXT, version TEXT, "
    "status TEXT, last_heartbeat TEXT, registered_at TEXT)"s,
    std::string{upstream_schema} + " WITHOUT ROWID");
  CAPTURE(statements);
  run_sql(folder.file(), statements);
  CHECK(refused(folder.file()) == "store_foreign");
  CHECK(neighbours_of(folder.file()) == ids{"registry.db"});
}

TEST_CASE("the log of a foreign database is left to its owner", "[registry]") {
  const scratch_folder folder;
  const auto path = folder.file();
  {
    // As after a crash: the table is nowhere but in the log.
    auto owner = open_raw(folder.file("other.db"));
    owner.exec("PRAGMA journal_mode = WAL; CREATE TABLE notes (id)");
    copy_database(folder.file("other.db"), path);
  }
  REQUIRE_FALSE(bytes_of(path + "-wal").empty());
  CHECK(refused(path) == "store_foreign");
}

TEST_CASE("further tables in a registry are left alone", "[registry]") {
  const scratch_folder folder;
  run_sql(folder.file(), std::string{upstream_schema}
                           + "; CREATE TABLE notes (id); "
                             "INSERT INTO notes VALUES (7)");
  sqlite_registry_store store{folder.file()};
  CHECK(outcome_of(store.connect()) == "ok");
  CHECK(outcome_of(store.upsert(sample("a"))) == "ok");
  CHECK(ask_sql(folder.file(), "SELECT id FROM notes") == "7");
}

TEST_CASE("columns may stand in any order", "[registry]") {
  const scratch_folder folder;
  run_sql(folder.file(),
          "CREATE TABLE neurons (registered_at text, status text, version "
          "text, capabilities text, last_heartbeat text, neuron_id text "
          "primary key)");
  sqlite_registry_store store{folder.file()};
  CHECK(outcome_of(store.connect()) == "ok");
  CHECK(outcome_of(store.upsert(sample("a"))) == "ok");
  CHECK(store.get("a") == sample("a"));
}

TEST_CASE("a registry of a later version is too new", "[registry]") {
  const scratch_folder folder;
  run_sql(folder.file(), GENERATE(std::string{upstream_schema},
                                  neurons_with("who TEXT, knows BLOB")));
  run_sql(folder.file(), "PRAGMA user_version = 2");
  CHECK(refused(folder.file()) == "store_too_new");
}

TEST_CASE("a registry with an overwritten page is damaged", "[registry]") {
  const scratch_folder folder;
  make_registry(folder.file());
  auto bytes = bytes_of(folder.file());
  REQUIRE(bytes.size() > 10 * page_bytes);
  const auto page = GENERATE(0u, 1u, 2u, 5u, 8u);
  CAPTURE(page);
  // The first one begins with the header of the file.
  overwrite(bytes, page == 0 ? 100 : page * page_bytes,
            (page + 1) * page_bytes);
  write_bytes(folder.file(), bytes);
  CHECK(refused(folder.file()) == "store_corrupt");
}

TEST_CASE("a registry with an overwritten header is damaged", "[registry]") {
  const scratch_folder folder;
  make_registry(folder.file());
  auto bytes = bytes_of(folder.file());
  overwrite(bytes, 16, 100);
  write_bytes(folder.file(), bytes);
  CHECK(refused(folder.file()) == "store_corrupt");
}

TEST_CASE("a registry that was cut is damaged", "[registry]") {
  const scratch_folder folder;
  make_registry(folder.file());
  auto bytes = bytes_of(folder.file());
  bytes.resize(GENERATE(7u, 16u, 50u, 1'000u, 5 * page_bytes));
  write_bytes(folder.file(), bytes);
  CHECK(refused(folder.file()) == "store_corrupt");
}

TEST_CASE("an index that misses a row is damage", "[registry]") {
  const scratch_folder folder;
  make_registry(folder.file());
  auto bytes = bytes_of(folder.file());
  // In the table the capabilities come next.
  const auto key = "neuron 250"s;
  auto pos = bytes.find(key);
  while (bytes[pos + key.size()] == '[')
    pos = bytes.find(key, pos + 1);
  REQUIRE(pos < bytes.size());
  bytes[pos + key.size() - 1] = '/';
  write_bytes(folder.file(), bytes);
  CHECK(refused(folder.file()) == "store_corrupt");
}

TEST_CASE("damage that comes later is an error of the call", "[registry]") {
  const scratch_folder folder;
  // More than SQLite keeps in its cache.
  make_registry(folder.file(), 30'000);
  sqlite_registry_store store{folder.file()};
  REQUIRE(outcome_of(store.connect()) == "ok");
  auto bytes = bytes_of(folder.file());
  overwrite(bytes, page_bytes, bytes.size());
  write_bytes(folder.file(), bytes);
  CHECK(outcome_of(store.list({})) == "store_corrupt");
}

TEST_CASE("a registry cannot be a folder, nor in one that is not there",
          "[registry]") {
  const scratch_folder folder;
  const auto where = folder.path().string();
  const auto [path, why] = GENERATE_COPY(table<std::string, std::string>({
    {where, "it is a directory"},
    {where + "/missing/registry.db", "its folder does not exist"},
    {"", "no path was given"},
    {where + "/a\0b"s, "a path cannot hold a NUL"},
  }));
  sqlite_registry_store store{path};
  const auto err = store.connect();
  CHECK(outcome_of(err) == "store_io");
  CHECK(text_of(err).ends_with(why));
  CHECK(std::filesystem::is_empty(folder.path()));
}

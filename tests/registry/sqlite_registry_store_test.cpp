// SPDX-License-Identifier: Apache-2.0
#include "support/neuron_samples.hpp"
#include "support/outcome_of.hpp"
#include "support/recorded_log.hpp"
#include "support/scratch_folder.hpp"
#include "support/sqlite_file.hpp"
#include <cosmo/sqlite_registry_store.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <filesystem>

using namespace cosmo;
using namespace cosmo::test;

TEST_CASE("a SQLite store must be connected first", "[registry]") {
  sqlite_registry_store store;
  const auto closed_again = GENERATE(false, true);
  if (closed_again) {
    CHECK(outcome_of(store.connect()) == "ok");
    store.close();
  }
  CHECK(outcome_of(store.upsert(sample("a"))) == "not_connected");
  CHECK(outcome_of(store.apply({})) == "not_connected");
  CHECK(outcome_of(store.touch_heartbeat("a", noon)) == "not_connected");
  CHECK(outcome_of(store.mark_deregistered("a")) == "not_connected");
  CHECK(outcome_of(store.get("a")) == "not_connected");
  CHECK(outcome_of(store.list({})) == "not_connected");
  CHECK(text_of(store.list({})) == "registry ':memory:': not connected");
}

TEST_CASE("a SQLite store says that it blocks", "[registry]") {
  CHECK(sqlite_registry_store{}.blocks());
}

TEST_CASE("a store makes no file before it is connected", "[registry]") {
  const scratch_folder folder;
  sqlite_registry_store store{folder.file()};
  CHECK_FALSE(std::filesystem::exists(folder.file()));
  CHECK(outcome_of(store.connect()) == "ok");
  CHECK(std::filesystem::exists(folder.file()));
}

TEST_CASE("a registry in memory is private and gone after close",
          "[registry]") {
  sqlite_registry_store one;
  sqlite_registry_store other;
  CHECK(outcome_of(one.connect()) == "ok");
  CHECK(outcome_of(other.connect()) == "ok");
  CHECK(outcome_of(one.upsert(sample("a"))) == "ok");
  CHECK(ids_of(other.list({})).empty());
  one.close();
  CHECK(outcome_of(one.connect()) == "ok");
  CHECK(ids_of(one.list({})).empty());
}

TEST_CASE("records are there when the file is opened again", "[registry]") {
  const scratch_folder folder;
  {
    sqlite_registry_store store{folder.file()};
    CHECK(outcome_of(store.connect()) == "ok");
    CHECK(outcome_of(store.upsert(sample("b"))) == "ok");
    CHECK(outcome_of(store.upsert(sample("a"))) == "ok");
    CHECK(outcome_of(store.mark_deregistered("b")) == "ok");
  }
  sqlite_registry_store store{folder.file()};
  CHECK(outcome_of(store.connect()) == "ok");
  CHECK(store.get("a") == sample("a"));
  CHECK(ids_of(store.list({.include_deregistered = true})) == ids{"b", "a"});
  CHECK(outcome_of(store.touch_heartbeat("b", after(2), "ok")) == "ok");
  CHECK(store.get("b")->registered_at == noon);
}

TEST_CASE("the death of its process costs a registry nothing", "[registry]") {
  const scratch_folder folder;
  sqlite_registry_store dying{folder.file("dying.db")};
  REQUIRE(outcome_of(dying.connect()) == "ok");
  REQUIRE(outcome_of(dying.upsert(sample("a"))) == "ok");
  // What would be found on the disk.
  copy_database(folder.file("dying.db"), folder.file());
  REQUIRE_FALSE(bytes_of(folder.file() + "-wal").empty());
  sqlite_registry_store store{folder.file()};
  CHECK(outcome_of(store.connect()) == "ok");
  CHECK(store.get("a") == sample("a"));
  store.close();
  CHECK(bytes_of(folder.file() + "-wal").empty());
}

TEST_CASE("a closed registry is one file", "[registry]") {
  const scratch_folder folder;
  sqlite_registry_store store{folder.file()};
  CHECK(outcome_of(store.connect()) == "ok");
  CHECK(outcome_of(store.upsert(sample("a"))) == "ok");
  store.close();
  CHECK(neighbours_of(folder.file()) == ids{"registry.db"});
}

TEST_CASE("a new file has our version and a write-ahead log", "[registry]") {
  const scratch_folder folder;
  sqlite_registry_store store{folder.file()};
  CHECK(outcome_of(store.connect()) == "ok");
  CHECK(ask_sql(folder.file(), "PRAGMA user_version") == "1");
  CHECK(ask_sql(folder.file(), "PRAGMA journal_mode") == "wal");
}

TEST_CASE("rows are written as the other SDKs expect them", "[registry]") {
  const scratch_folder folder;
  sqlite_registry_store store{folder.file()};
  CHECK(outcome_of(store.connect()) == "ok");
  CHECK(outcome_of(store.apply(
          {sample("a"),
           neuron_touch{.neuron_id = "thin", .at = after(1), .now = after(2)}}))
        == "ok");
  auto row_of = [&](const std::string& id) {
    return ask_sql(folder.file(),
                   "SELECT capabilities || '|' || coalesce(version, 'NULL') ||"
                   " '|' || status || '|' || last_heartbeat || '|' ||"
                   " registered_at FROM neurons WHERE neuron_id = '"
                     + id + "'");
  };
  CHECK(row_of("a")
        == R"(["chat","translate"]|1.2.0|registered)"
           "|2026-01-02T12:00:01+00:00|2026-01-02T12:00:00+00:00");
  CHECK(row_of("thin")
        == "[]|NULL|registered"
           "|2026-01-02T12:00:01+00:00|2026-01-02T12:00:02+00:00");
}

TEST_CASE("a file of another SDK is read, written and left shareable",
          "[registry]") {
  const scratch_folder folder;
  run_sql(folder.file(), std::string{upstream_schema} + R"(;
INSERT INTO neurons VALUES
  ('python', '["a", "stra\u00dfe"]', '1.0', 'ok',
   '2026-01-02T12:00:01.500000+00:00', '2026-01-02T12:00:00+00:00'),
  ('typescript', '["a","b"]', NULL, 'registered',
   '2026-01-02T12:00:01.500Z', '2026-01-02T12:00:00.000Z'),
  ('naive', '', NULL, 'draining', NULL, '2026-01-02T12:00:00');
INSERT INTO neurons (neuron_id, registered_at)
  VALUES ('defaults', '2026-01-02T12:00:00Z');)");
  sqlite_registry_store store{folder.file()};
  REQUIRE(outcome_of(store.connect()) == "ok");
  const auto heard = after(1) + std::chrono::milliseconds{500};
  CHECK(store.get("python")
        == neuron_record{.neuron_id = "python",
                         .capabilities = {"a", "stra\xC3\x9F"
                                               "e"},
                         .version = "1.0",
                         .status = "ok",
                         .last_heartbeat = heard,
                         .registered_at = noon});
  CHECK(store.get("typescript")
        == neuron_record{.neuron_id = "typescript",
                         .capabilities = {"a", "b"},
                         .last_heartbeat = heard,
                         .registered_at = noon});
  CHECK(store.get("naive")
        == neuron_record{
          .neuron_id = "naive", .status = "draining", .registered_at = noon});
  CHECK(store.get("defaults")
        == neuron_record{.neuron_id = "defaults", .registered_at = noon});
  CHECK(outcome_of(store.upsert(sample("python"))) == "ok");
  CHECK(outcome_of(store.upsert(sample("new"))) == "ok");
  CHECK(ids_of(store.list({}))
        == ids{"python", "typescript", "naive", "defaults", "new"});
  // The others go on with it, also while we do.
  CHECK(ask_sql(folder.file(), "PRAGMA user_version") == "0");
  run_sql(folder.file(), std::string{upstream_schema}
                           + "; UPDATE neurons SET status = 'seen' WHERE "
                             "neuron_id = 'new'");
  CHECK(store.get("new")->status == "seen");
  CHECK(ask_sql(folder.file(), "SELECT registered_at FROM neurons WHERE "
                               "neuron_id = 'python'")
        == "2026-01-02T12:00:00+00:00");
}

TEST_CASE("a file reads the same whichever SDK has written it", "[registry]") {
  const std::vector<neuron_record> expected{
    {.neuron_id = "greeter",
     .capabilities = {"chat", "stra\xC3\x9F"
                              "e"},
     .version = "1.0",
     .status = "ok",
     .last_heartbeat = after(1) + std::chrono::milliseconds{500},
     .registered_at = noon},
    {.neuron_id = "gone", .status = "deregistered", .registered_at = noon}};
  const scratch_folder folder;
  const auto writer = GENERATE("Python", "TypeScript", "ours");
  INFO(writer);
  if (std::string{writer} == "ours") {
    sqlite_registry_store store{folder.file()};
    REQUIRE(outcome_of(store.connect()) == "ok");
    for (const auto& record : expected)
      REQUIRE(outcome_of(store.upsert(record)) == "ok");
  } else {
    const std::string rows = std::string{writer} == "Python" ? R"(
  ('greeter', '["chat", "stra\u00dfe"]', '1.0', 'ok',
   '2026-01-02T12:00:01.500000+00:00', '2026-01-02T12:00:00+00:00'),
  ('gone', '[]', NULL, 'deregistered', NULL, '2026-01-02T12:00:00+00:00');)"
                                                             : R"(
  ('greeter', '["chat","straße"]', '1.0', 'ok',
   '2026-01-02T12:00:01.500Z', '2026-01-02T12:00:00.000Z'),
  ('gone', '[]', NULL, 'deregistered', NULL, '2026-01-02T12:00:00.000Z');)";
    run_sql(folder.file(), std::string{upstream_schema}
                             + "; INSERT INTO neurons VALUES" + rows);
  }
  sqlite_registry_store store{folder.file()};
  REQUIRE(outcome_of(store.connect()) == "ok");
  const auto records = store.list({.include_deregistered = true});
  REQUIRE(outcome_of(records) == "ok");
  CHECK(*records == expected);
  CHECK(ids_of(store.list({.capability = "stra\xC3\x9F"
                                         "e"}))
        == ids{"greeter"});
}

TEST_CASE("a file in UTF-16 is a registry as well", "[registry]") {
  const scratch_folder folder;
  run_sql(folder.file(),
          "PRAGMA encoding = 'UTF-16le';" + std::string{upstream_schema}
            + "; INSERT INTO neurons VALUES ('\xC3\xA9', '[\"\xC3\x9F\"]', "
              "NULL, 'ok', NULL, '2026-01-02T12:00:00Z')");
  sqlite_registry_store store{folder.file()};
  REQUIRE(outcome_of(store.connect()) == "ok");
  const auto record = store.get("\xC3\xA9");
  REQUIRE(outcome_of(record) == "ok");
  CHECK(record->capabilities == ids{"\xC3\x9F"});
  CHECK(ids_of(store.list({})) == ids{"\xC3\xA9"});
}

TEST_CASE("a row that cannot be read hides no other", "[registry]") {
  const scratch_folder folder;
  sqlite_registry_store store{folder.file()};
  REQUIRE(outcome_of(store.connect()) == "ok");
  CHECK(outcome_of(store.apply({sample("a"), sample("bad"), sample("z")}))
        == "ok");
  run_sql(folder.file(), "UPDATE neurons SET capabilities = 'chat' WHERE "
                         "neuron_id = 'bad'");
  recorded_log log;
  CHECK(ids_of(store.list({})) == ids{"a", "z"});
  CHECK(ids_of(store.list({})) == ids{"a", "z"});
  CHECK(log.count("unreadable-row") == 1);
  const auto record = store.get("bad");
  CHECK(outcome_of(record) == "store_corrupt");
  CHECK(text_of(record)
        == "registry '" + folder.file()
             + "': the row of \"bad\" cannot be read: capabilities: no JSON "
               "array");
  SECTION("and is whole again once the Neuron registers") {
    CHECK(outcome_of(store.upsert(sample("bad"))) == "ok");
    CHECK(ids_of(store.list({})) == ids{"a", "bad", "z"});
  }
}

TEST_CASE("a path is never taken for a URI", "[registry]") {
  const scratch_folder folder;
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  sqlite_registry_store store{"file:registry.db?mode=memory"};
  CHECK(outcome_of(store.connect()) == "ok");
  CHECK(std::filesystem::exists(folder.file("file:registry.db?mode=memory")));
  std::filesystem::current_path(before);
}

TEST_CASE("a store that gave up connecting may try again", "[registry]") {
  const scratch_folder folder;
  const auto path = folder.file("later/registry.db");
  sqlite_registry_store store{path};
  CHECK(outcome_of(store.connect()) == "store_io");
  std::filesystem::create_directory(folder.path() / "later");
  CHECK(outcome_of(store.connect()) == "ok");
  CHECK(outcome_of(store.upsert(sample("a"))) == "ok");
}

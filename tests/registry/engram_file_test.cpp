// SPDX-License-Identifier: Apache-2.0
// Which files are Engrams, and that the others are left alone.
#include "engram_file.hpp"

#include "support/engram_samples.hpp"
#include "support/outcome_of.hpp"
#include "support/recorded_log.hpp"
#include "support/sqlite_file.hpp"
#include <cosmo/sqlite_engram.hpp>
#include <cosmo/sqlite_registry_store.hpp>

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
  const test_world outside;
  sqlite_engram engram{path};
  const auto err = engram.connect(outside.outside);
  CHECK((bytes_of(path) == bytes));
  CHECK((bytes_of(path + "-wal") == log));
  CHECK(text_of(err).starts_with("engram '" + path + "': "));
  CHECK(outcome_of(engram.recall({})) == "not_connected");
  return outcome_of(err);
}

/// A sound file with enough entries for several pages.
void make_engram(const std::string& path, int entries = 300) {
  test_world outside;
  sqlite_engram engram{path};
  REQUIRE(outcome_of(engram.connect(outside.outside)) == "ok");
  std::vector<edit> writes;
  for (int i = 0; i < entries; ++i)
    writes.push_back({.entry = {{"content", "content " + std::to_string(i)}},
                      .key = "key " + std::to_string(i),
                      .trace = "trc_a",
                      .imprint_id = "evt_" + std::to_string(i)});
  engram_user{engram, outside}.tell_all(writes);
}

/// A connected Engram over a file.
struct open_engram {
  explicit open_engram(const std::string& path,
                       sqlite_engram_options options = {})
    : own(path, std::move(options)) {
    REQUIRE(outcome_of(own.connect(outside.outside)) == "ok");
  }

  engram_user user() {
    return {own, outside};
  }

  test_world outside;
  sqlite_engram own;
};

} // namespace

TEST_CASE("an empty file becomes an Engram", "[engram]") {
  const scratch_folder folder;
  const auto has_header = GENERATE(false, true);
  if (has_header)
    run_sql(folder.file(), "CREATE TABLE x (y); DROP TABLE x");
  else
    write_bytes(folder.file(), "");
  open_engram engram{folder.file()};
  CHECK(said(engram.user().tell({})) == "ok");
}

TEST_CASE("no database is no Engram", "[engram]") {
  const scratch_folder folder;
  write_bytes(folder.file(), GENERATE("x"s, "Dear grandmother,\n"s,
                                      std::string(100'000, '\0')));
  CHECK(refused(folder.file()) == "store_foreign");
}

TEST_CASE("a registry is no Engram", "[engram]") {
  const scratch_folder folder;
  sqlite_registry_store store{folder.file()};
  REQUIRE(outcome_of(store.connect()) == "ok");
  store.close();
  CHECK(refused(folder.file()) == "store_foreign");
}

TEST_CASE("a database of something else is no Engram", "[engram]") {
  const scratch_folder folder;
  const std::string entries = upstream_engram_schema;
  const std::string statements = GENERATE_COPY(
    "CREATE TABLE notes (id)"s, "PRAGMA user_version = 1"s,
    entries + "; PRAGMA application_id = 7",
    "CREATE VIEW engram_entries AS SELECT 1 AS id"s,
    "CREATE TABLE engram_entries (id TEXT PRIMARY KEY)"s,
    entries + "; ALTER TABLE engram_entries ADD COLUMN trace_id TEXT",
    entries + "; ALTER TABLE engram_entries ADD COLUMN rev INTEGER",
    entries + "; ALTER TABLE engram_imprint_seen ADD COLUMN by TEXT",
    entries + "; CREATE TABLE engram_saga (seq INTEGER)",
    entries + "; PRAGMA user_version = 1");
  CAPTURE(statements);
  run_sql(folder.file(), statements);
  CHECK(refused(folder.file()) == "store_foreign");
  CHECK(neighbours_of(folder.file()) == ids{"registry.db"});
}

TEST_CASE("the file of another Engram is foreign", "[engram]") {
  const scratch_folder folder;
  const test_world outside;
  {
    sqlite_engram owner{folder.file(), {.engram_id = "somebody \"else\""}};
    REQUIRE(outcome_of(owner.connect(outside.outside)) == "ok");
  }
  CHECK(refused(folder.file()) == "store_foreign");
  sqlite_engram engram{folder.file()};
  CHECK(text_of(engram.connect(outside.outside))
        == "engram '" + folder.file()
             + "': it belongs to the Engram \"somebody \\\"else\\\"\", not to "
               "\"engram-sqlite\"");
}

TEST_CASE("an Engram's file is no registry", "[engram]") {
  const scratch_folder folder;
  make_engram(folder.file(), 1);
  sqlite_registry_store store{folder.file()};
  CHECK(outcome_of(store.connect()) == "store_foreign");
}

TEST_CASE("an Engram of a later version is too new", "[engram]") {
  const scratch_folder folder;
  if (GENERATE(false, true))
    make_engram(folder.file(), 1);
  else
    run_sql(folder.file(), "CREATE TABLE engram_entries (who TEXT, what BLOB)");
  run_sql(folder.file(), "PRAGMA user_version = 2");
  CHECK(refused(folder.file()) == "store_too_new");
}

TEST_CASE("an Engram with an overwritten page is damaged", "[engram]") {
  const scratch_folder folder;
  make_engram(folder.file());
  auto bytes = bytes_of(folder.file());
  REQUIRE(bytes.size() > 12 * page_bytes);
  const auto page = GENERATE(0u, 1u, 2u, 5u, 11u);
  CAPTURE(page);
  // The first one begins with the header of the file.
  overwrite(bytes, page == 0 ? 100 : page * page_bytes,
            (page + 1) * page_bytes);
  write_bytes(folder.file(), bytes);
  CHECK(refused(folder.file()) == "store_corrupt");
}

TEST_CASE("an Engram that was cut is damaged", "[engram]") {
  const scratch_folder folder;
  make_engram(folder.file());
  auto bytes = bytes_of(folder.file());
  bytes.resize(GENERATE(7u, 50u, 1'000u, 5 * page_bytes));
  write_bytes(folder.file(), bytes);
  CHECK(refused(folder.file()) == "store_corrupt");
}

TEST_CASE("damage that comes later breaks the Engram", "[engram]") {
  const scratch_folder folder;
  // More than SQLite keeps in its cache.
  make_engram(folder.file(), 20'000);
  open_engram engram{folder.file()};
  auto bytes = bytes_of(folder.file());
  overwrite(bytes, page_bytes, bytes.size());
  write_bytes(folder.file(), bytes);
  CHECK(outcome_of(engram.own.recall({.query = {{"text", "x"}}}))
        == "store_corrupt");
}

TEST_CASE("an Engram cannot be a folder, nor in one that is not there",
          "[engram]") {
  const scratch_folder folder;
  const auto where = folder.path().string();
  const auto [path, why] = GENERATE_COPY(table<std::string, std::string>({
    {where, "it is a directory"},
    {where + "/missing/engram.db", "its folder does not exist"},
    {"", "no path was given"},
    {where + "/a\0b"s, "a path cannot hold a NUL"},
  }));
  const test_world outside;
  sqlite_engram engram{path};
  const auto err = engram.connect(outside.outside);
  CHECK(outcome_of(err) == "store_io");
  CHECK(text_of(err).ends_with(why));
  CHECK(std::filesystem::is_empty(folder.path()));
}

// -- files of the Python SDK --------------------------------------------------

TEST_CASE("a file of the Python SDK is brought up to date", "[engram]") {
  const scratch_folder folder;
  run_sql(folder.file(), std::string{upstream_engram_schema} + R"(;
INSERT INTO engram_entries VALUES
  ('late', 'relational', 'k', '{"a": 1, "b": "stra\u00dfe"}', '["x", "y"]',
   '{"m": 1}', 3, '2026-01-02T12:00:00+00:00',
   '2026-01-02T12:00:02.500000+00:00', NULL),
  ('early', 'relational', 'k', '"text"', '[]', '{}', 1,
   '2026-01-02T12:00:00+00:00', '2026-01-02T12:00:00+00:00', NULL),
  ('gone', 'relational', 'k', 'null', '[]', '{}', 1,
   '2026-01-02T12:00:00+00:00', '2026-01-02T12:00:09+00:00',
   '2026-01-02T12:00:09+00:00');
INSERT INTO engram_imprint_seen VALUES
  ('evt_seen', 'late', '2026-01-02T12:00:00+00:00');)");
  {
    open_engram engram{folder.file()};
    auto user = engram.user();
    CHECK(json_to_wire(user.ask({{"merge_key", "k"}}).hits.at(0).entry)
          == R"({"id":"late","content":{"a":1,"b":"stra)"
             "\xC3\x9F"
             R"(e"},"tags":["x","y"],"version":3,)"
             R"("created_at":"2026-01-02T12:00:00+00:00",)"
             R"("updated_at":"2026-01-02T12:00:02.500000+00:00",)"
             R"("merge_key":"k","meta":{"m":1}})");
    CHECK(user.contents({}, {{"until", "2026-01-02T12:00:00Z"}}) == "\"text\"");
    CHECK(user.ask().hits.size() == 2);
    CHECK(user.tell({.imprint_id = "evt_seen"}).id == "late");
    CHECK(user
            .tell({.op = "merge",
                   .entry = {{"content", {{"c", 1}}}},
                   .key = "k",
                   .trace = "trc_a"})
            .version
          == 4);
    CHECK(user.tell({.op = "add", .entry = {{"id", "gone"}}, .trace = "trc_a"})
            .version
          == 1);
    CHECK(user.roll_back("trc_a").compensated == 2);
    CHECK(user.ask().hits.size() == 2);
  }
  CHECK(ask_sql(folder.file(), "PRAGMA user_version") == "1");
  CHECK(ask_sql(folder.file(), "SELECT group_concat(id, ' ') FROM (SELECT id "
                               "FROM engram_entries ORDER BY rev)")
        == "early late gone");
  SECTION("and that SDK can go on with it") {
    run_sql(folder.file(), std::string{upstream_engram_schema} + R"(;
INSERT INTO engram_entries (id, engram_kind, merge_key, content, tags, meta,
  version, created_at, updated_at)
VALUES ('new', 'relational', 'k', '1', '[]', '{}', 1,
  '2026-01-02T13:00:00+00:00', '2026-01-02T13:00:00+00:00'))");
    open_engram engram{folder.file()};
    CHECK(engram.user().at_key("k") == "1");
    CHECK(said(engram.user().tell({.op = "delete", .key = "k"})) == "ok");
    CHECK(ask_sql(folder.file(), "SELECT count(DISTINCT rev) = count(*) FROM "
                                 "engram_entries")
          == "1");
  }
}

TEST_CASE("an empty file of the Python SDK is an Engram", "[engram]") {
  const scratch_folder folder;
  const std::string all = upstream_engram_schema;
  run_sql(folder.file(), GENERATE_COPY(all, all.substr(0, all.find(';')),
                                       all + "; CREATE TABLE notes (id)"));
  open_engram engram{folder.file()};
  CHECK(said(engram.user().tell({.imprint_id = "evt_1"})) == "ok");
}

TEST_CASE("entries are written as the Python SDK expects them", "[engram]") {
  const scratch_folder folder;
  open_engram engram{folder.file(), {.engram_kind = "custom"}};
  auto user = engram.user();
  engram.outside.clock->set(noon - 1us);
  user.tell({.op = "add",
             .entry = {{"id", "a"},
                       {"content", {{"x", "\xC3\x9F"}}},
                       {"tags", {"t"}},
                       {"meta", {{"m", 1}}}},
             .imprint_id = "evt_1"});
  user.tell({.op = "delete", .entry = {{"id", "a"}}});
  CHECK(
    ask_sql(folder.file(),
            "SELECT concat.row FROM (SELECT id || '|' || engram_kind || '|' || "
            "coalesce(merge_key, 'NULL') || '|' || content || '|' || tags || "
            "'|' || meta || '|' || version || '|' || created_at || '|' || "
            "updated_at || '|' || deleted_at AS row FROM engram_entries) AS "
            "concat")
    == "a|custom|NULL|{\"x\":\"\xC3\x9F\"}|[\"t\"]|{\"m\":1}|1"
       "|2026-01-02T12:00:00.000000+00:00|2026-01-02T12:00:00.000001+00:00"
       "|2026-01-02T12:00:00.000001+00:00");
  CHECK(ask_sql(folder.file(), "SELECT imprint_id || entry_id || seen_at FROM "
                               "engram_imprint_seen")
        == "evt_1a2026-01-02T12:00:00.000000+00:00");
}

// -- entries that cannot be read ----------------------------------------------

TEST_CASE("an entry that cannot be read hides no other", "[engram]") {
  const scratch_folder folder;
  make_engram(folder.file(), 2);
  run_sql(folder.file(),
          "UPDATE engram_entries SET "
            + GENERATE("content = '{'"s, "tags = 'x'"s, "tags = '[1]'"s,
                       "meta = '[]'"s, "updated_at = 'yesterday'"s,
                       "created_at = ''"s, "content = x'FF'"s)
            + " WHERE merge_key = 'key 1'");
  open_engram engram{folder.file()};
  auto user = engram.user();
  recorded_log log;
  CHECK(user.contents() == "\"content 0\"");
  CHECK(user.contents() == "\"content 0\"");
  CHECK(log.count("unreadable-entry") == 1);
  CHECK(log.count("content 1") == 0);
  const auto op = GENERATE("upsert"s, "delete"s);
  CHECK(token_of(user.tell({.op = "merge", .key = "key 1"}))
        == "engram_exception");
  CHECK(token_of(user.tell({.op = op, .key = "key 1", .trace = "trc_b"}))
        == "engram_exception");
  CHECK(said(user.tell({.op = op, .key = "key 1"})) == "ok");
  CHECK(user.ask().hits.size() == (op == "upsert" ? 2 : 1));
}

TEST_CASE("an entry whose id is no Unicode is left alone", "[engram]") {
  const scratch_folder folder;
  make_engram(folder.file(), 2);
  run_sql(folder.file(), "UPDATE engram_entries SET id = CAST(x'FF' AS TEXT) "
                         "WHERE merge_key = 'key 1'");
  open_engram engram{folder.file()};
  auto user = engram.user();
  CHECK(user.contents() == "\"content 0\"");
  for (const auto* op : {"upsert", "merge", "delete"})
    CHECK(token_of(user.tell({.op = op, .key = "key 1"}))
          == "engram_exception");
}

TEST_CASE("a write that cannot be undone is counted, the others are undone",
          "[engram]") {
  const scratch_folder folder;
  {
    open_engram engram{folder.file()};
    auto user = engram.user();
    for (const auto* key : {"a", "b", "c"}) {
      user.tell({.op = "upsert", .entry = {{"content", "old"}}, .key = key});
      user.tell({.op = "upsert",
                 .entry = {{"content", "new"}},
                 .key = key,
                 .trace = "trc_a"});
    }
  }
  run_sql(folder.file(), "UPDATE engram_saga SET before_json = '"
                           + GENERATE("{"s, "7"s, "{}"s,
                                      "{\"content\":1,\"tags\":[],\"meta\":{},"
                                      "\"version\":1}"s)
                           + "' WHERE seq = 2");
  open_engram engram{folder.file()};
  recorded_log log;
  CHECK(engram.user().roll_back("trc_a")
        == rollback_report{.compensated = 2, .failed = 1});
  CHECK(engram.user().at_key("a") == "\"old\"");
  CHECK(engram.user().at_key("b") == "\"new\"");
  CHECK(engram.user().at_key("c") == "\"old\"");
  CHECK(log.count("undo-failed") == 1);
  CHECK(engram.own.counts()->failed == 1);
  CHECK(engram.own.counts()->compensated == 2);
  CHECK(engram.user().step("trc_a")
        == rollback_report{.compensated = 2, .failed = 1});
}

TEST_CASE("a row that SQLite refuses costs no other write", "[engram]") {
  const scratch_folder folder;
  open_engram engram{folder.file()};
  run_sql(folder.file(), "CREATE TRIGGER guard BEFORE INSERT ON engram_saga "
                         "WHEN new.op = 'add' BEGIN "
                         "SELECT RAISE(ABORT, 'no adds today'); END");
  auto user = engram.user();
  const auto receipts
    = user.tell_all({{.entry = {{"content", 1}}, .trace = "trc_a"},
                     {.op = "add", .trace = "trc_a", .imprint_id = "evt_1"},
                     {.entry = {{"content", 3}}, .trace = "trc_a"}});
  CHECK(said(receipts[0]) == "ok");
  CHECK(said(receipts[1]) == "engram_exception: no adds today");
  CHECK(receipts[1].id == std::nullopt);
  CHECK(said(receipts[2]) == "ok");
  CHECK(user.contents() == "3 1");
  CHECK(ask_sql(folder.file(), "SELECT count(*) FROM engram_imprint_seen")
        == "0");
}

// -- counting -----------------------------------------------------------------

TEST_CASE("what was undone with its transaction is not counted", "[engram]") {
  const scratch_folder folder;
  open_engram engram{folder.file()};
  auto user = engram.user();
  SECTION("a write that came again, beside one that broke the transaction") {
    const edit write{.imprint_id = "evt_1"};
    user.tell(write);
    run_sql(folder.file(), "CREATE TRIGGER guard BEFORE INSERT ON engram_saga "
                           "BEGIN SELECT RAISE(ROLLBACK, 'not today'); END");
    CHECK_FALSE(engram.own.imprint(
      {user.request(write), user.request({.trace = "trc_a"})}));
    CHECK(engram.own.counts()->replays == 0);
    user.tell(write);
    CHECK(engram.own.counts()->replays == 1);
  }
  SECTION("an undo, before a write that was refused") {
    user.tell(put("a", "trc_a"));
    CHECK_FALSE(user.step("trc_a").done);
    run_sql(folder.file(), "CREATE TRIGGER guard BEFORE INSERT ON engram_saga "
                           "BEGIN SELECT RAISE(ABORT, 'not today'); END");
    user.advance(1s);
    CHECK(token_of(user.tell(put("b", "trc_a"))) == "engram_exception");
    CHECK(*engram.own.counts() == engram_journal_counts{.journal_records = 1});
    CHECK(user.step("trc_a").compensated == 1);
    CHECK(*engram.own.counts() == engram_journal_counts{.compensated = 1});
  }
}

TEST_CASE("a journal that cannot be counted is no fault", "[engram]") {
  const scratch_folder folder;
  open_engram engram{folder.file()};
  run_sql(folder.file(), "DROP TABLE engram_saga");
  recorded_log log;
  CHECK_FALSE(engram.own.counts());
  CHECK(log.count("not-counted") == 1);
}

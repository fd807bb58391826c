// SPDX-License-Identifier: Apache-2.0
#include "support/engram_samples.hpp"
#include "support/outcome_of.hpp"
#include "support/sqlite_file.hpp"
#include <cosmo/memory_engram.hpp>
#include <cosmo/sqlite_engram.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <filesystem>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

TEST_CASE("an Engram announces what it was told", "[engram]") {
  CHECK((memory_engram{}.describe()
         == engram_description{"engram-memory",
                               "keyvalue",
                               {"substring", "tags", "merge_key"},
                               "0.0.1"}));
  CHECK((sqlite_engram{}.describe()
         == engram_description{"engram-sqlite",
                               "relational",
                               {"substring", "tags", "merge_key", "time_range"},
                               "0.0.1"}));
  const memory_engram named{
    {.engram_id = "notes", .engram_kind = "context", .capabilities = {"x"}}};
  CHECK((named.describe()
         == engram_description{"notes", "context", {"x"}, "0.0.1"}));
  CHECK_FALSE(memory_engram{}.blocks());
  CHECK(sqlite_engram{}.blocks());
}

TEST_CASE("an option that makes no sense is named", "[engram]") {
  const auto [rules, text] = GENERATE(table<engram_rules, std::string>({
    {{.limits = {.top_k = 0}}, "limits.top_k: 0 is less than 1"},
    {{.limits = {.entry_bytes = 0}}, "limits.entry_bytes: 0 is less than 1"},
    {{.limits = {.journal_records = 0}},
     "limits.journal_records: 0 is less than 1"},
    {{.limits = {.open_traces = 0}}, "limits.open_traces: 0 is less than 1"},
    {{.saga_ttl = -1ms}, "saga_ttl: -1 ms is negative"},
    {{.seen_ttl = -7s}, "seen_ttl: -7000 ms is negative"},
    {{.tombstone_ttl = -1ms}, "tombstone_ttl: -1 ms is negative"},
    {{.stop_fence = -1ms}, "stop_fence: -1 ms is negative"},
    {{.stop_skew = -1ms}, "stop_skew: -1 ms is negative"},
    {{.on_conflict = static_cast<rollback_conflict>(7)},
     "on_conflict: 7 is neither skip nor force"},
  }));
  const scratch_folder folder;
  const test_world outside;
  memory_engram memory{{.rules = rules}};
  sqlite_engram sqlite{folder.file(), {.rules = rules}};
  for (engram_backend* engram : {static_cast<engram_backend*>(&memory),
                                 static_cast<engram_backend*>(&sqlite)}) {
    const auto err = engram->connect(outside.outside);
    CHECK(outcome_of(err) == "bad_config");
    CHECK(text_of(err) == text);
    CHECK(outcome_of(engram->recall({})) == "not_connected");
  }
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("an option of SQLite that makes no sense is named", "[engram]") {
  const auto [options, text]
    = GENERATE(table<sqlite_engram_options, std::string>({
      {{.engram_id = ""}, "engram_id: \"\" is no name"},
      {{.engram_id = "\xFF"}, "engram_id: invalid Unicode is no name"},
      {{.engram_kind = ""}, "engram_kind: \"\" is no name"},
      {{.capabilities = {"x", ""}}, "capabilities: \"\" is no name"},
      {{.durability = static_cast<engram_durability>(9)},
       "durability: 9 is neither full nor normal"},
      {{.busy_timeout = -1ms}, "busy_timeout: -1 ms is negative"},
    }));
  const test_world outside;
  sqlite_engram engram{":memory:", options};
  const auto err = engram.connect(outside.outside);
  CHECK(outcome_of(err) == "bad_config");
  CHECK(text_of(err) == text);
}

TEST_CASE("a SQLite Engram touches nothing before it is connected",
          "[engram]") {
  const scratch_folder folder;
  const test_world outside;
  sqlite_engram engram{folder.file()};
  CHECK(outcome_of(engram.recall({})) == "not_connected");
  CHECK(text_of(engram.imprint({}))
        == "engram '" + folder.file() + "': not connected");
  CHECK_FALSE(std::filesystem::exists(folder.file()));
  CHECK(outcome_of(engram.connect(outside.outside)) == "ok");
  CHECK(std::filesystem::exists(folder.file()));
}

TEST_CASE("a file is written through, or not, as it was told", "[engram]") {
  const scratch_folder folder;
  const test_world outside;
  const auto durability
    = GENERATE(engram_durability::full, engram_durability::normal);
  sqlite_engram engram{folder.file(), {.durability = durability}};
  CHECK(outcome_of(engram.connect(outside.outside)) == "ok");
  CHECK(ask_sql(folder.file(), "PRAGMA journal_mode") == "wal");
  CHECK(ask_sql(folder.file(), "PRAGMA user_version") == "1");
}

TEST_CASE("a closed Engram is one file", "[engram]") {
  const scratch_folder folder;
  test_world outside;
  sqlite_engram engram{folder.file("engram.db")};
  CHECK(outcome_of(engram.connect(outside.outside)) == "ok");
  engram_user{engram, outside}.tell({});
  engram.close();
  CHECK(neighbours_of(folder.file()) == ids{"engram.db"});
}

TEST_CASE("an Engram in memory is gone after close", "[engram]") {
  test_world outside;
  const auto kind = GENERATE("memory"s, "sqlite"s);
  std::unique_ptr<engram_backend> engram;
  if (kind == "memory")
    engram = std::make_unique<memory_engram>();
  else
    engram = std::make_unique<sqlite_engram>();
  REQUIRE(outcome_of(engram->connect(outside.outside)) == "ok");
  engram_user user{*engram, outside};
  user.tell({.op = "add",
             .entry = {{"id", "a"}},
             .trace = "trc_a",
             .imprint_id = "evt_1"});
  engram->close();
  REQUIRE(outcome_of(engram->connect(outside.outside)) == "ok");
  CHECK(user.ask().hits.empty());
  CHECK(user.roll_back("trc_a") == rollback_report{});
  CHECK(user.tell({.imprint_id = "evt_1"}).id != "a");
}

TEST_CASE("the numbers of writes go on after a restart, whatever was undone",
          "[engram]") {
  const scratch_folder folder;
  test_world outside;
  sqlite_engram engram{folder.file()};
  REQUIRE(outcome_of(engram.connect(outside.outside)) == "ok");
  engram_user user{engram, outside};
  std::vector<int> counters;
  for (int i = 0; i < 3; ++i) {
    user.tell_all({{.trace = "trc_a"}, {.trace = "trc_a"}});
    user.roll_back("trc_a", "evt_" + std::to_string(i));
    user.advance(1s);
    engram.close();
    counters.push_back(
      std::stoi(ask_sql(folder.file(), "SELECT value FROM engram_meta WHERE "
                                       "key = 'rev_counter'")));
    REQUIRE(outcome_of(engram.connect(outside.outside)) == "ok");
  }
  CHECK(counters == std::vector{2, 4, 6});
}

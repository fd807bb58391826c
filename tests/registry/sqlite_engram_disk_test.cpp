// SPDX-License-Identifier: Apache-2.0
// Disks that are full or cannot be written, and files that others lock.
#include "support/engram_samples.hpp"
#include "support/lock_holder.hpp"
#include "support/outcome_of.hpp"
#include "support/small_disk.hpp"
#include "support/sqlite_file.hpp"
#include <cosmo/sqlite_engram.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

namespace {

constexpr size_t megabyte = 1024 * 1024;

void skip_unless_mounted(const small_disk& disk) {
  if (!disk.mounted())
    SKIP("this process may not mount a file system of its own");
}

sqlite_engram_options impatient() {
  return {.busy_timeout = 5ms};
}

} // namespace

TEST_CASE("on a full disk all writes of a call are made or none", "[engram]") {
  small_disk disk{megabyte};
  skip_unless_mounted(disk);
  test_world outside;
  sqlite_engram engram{disk.file()};
  REQUIRE(outcome_of(engram.connect(outside.outside)) == "ok");
  engram_user user{engram, outside};
  user.tell({.entry = {{"content", "old"}}, .key = "k", .trace = "trc_a"});
  std::vector<imprint_request> writes;
  for (int i = 0; i < 30; ++i)
    writes.push_back(user.request(
      {.entry = {{"content", std::string(100'000, 'x')}}, .trace = "trc_a"}));
  const auto result = engram.imprint(writes);
  CHECK(outcome_of(result) == "store_io");
  CHECK(text_of(result)
        == "engram '" + disk.file() + "': database or disk is full");
  CHECK(user.contents() == "\"old\"");
  SECTION("and is sound when it is opened again") {
    engram.close();
    REQUIRE(disk.resize(64 * megabyte));
    REQUIRE(outcome_of(engram.connect(outside.outside)) == "ok");
    CHECK(outcome_of(engram.imprint(writes)) == "ok");
  }
  SECTION("also a rollback") {
    CHECK(user.step("trc_a").done == false);
  }
  CHECK(user.roll_back("trc_a").conflicts == 0);
  CHECK(user.ask().hits.empty());
}

TEST_CASE("a disk that cannot be written holds no Engram", "[engram]") {
  small_disk disk{megabyte};
  skip_unless_mounted(disk);
  const test_world outside;
  SECTION("not a new one") {
    REQUIRE(disk.make_read_only());
  }
  SECTION("nor one of the Python SDK") {
    run_sql(disk.file(), upstream_engram_schema);
    REQUIRE(disk.make_read_only());
  }
  SECTION("nor one of ours") {
    sqlite_engram engram{disk.file()};
    REQUIRE(outcome_of(engram.connect(outside.outside)) == "ok");
    engram.close();
    REQUIRE(disk.make_read_only());
  }
  const auto bytes = bytes_of(disk.file());
  sqlite_engram engram{disk.file()};
  CHECK(outcome_of(engram.connect(outside.outside)) == "store_io");
  CHECK((bytes_of(disk.file()) == bytes));
}

TEST_CASE("a write that finds the file locked can be tried again",
          "[engram][integration]") {
  const scratch_folder folder;
  test_world outside;
  sqlite_engram engram{folder.file(), impatient()};
  REQUIRE(outcome_of(engram.connect(outside.outside)) == "ok");
  engram_user user{engram, outside};
  user.tell({.entry = {{"content", 1}}, .trace = "trc_a"});
  const edit what{.op = "add", .imprint_id = "evt_1"};
  {
    const lock_holder other{folder.file(), "BEGIN IMMEDIATE"};
    REQUIRE(other.holds());
    const auto receipts = user.tell_all({what, {.op = "merge"}});
    CHECK(said(receipts[0])
          == "engram_overloaded: engram '" + folder.file()
               + "': database is locked");
    CHECK(receipts[0].engram_id == "engram-sqlite");
    CHECK(receipts[1].op == "merge");
    CHECK(token_of(receipts[1]) == "engram_overloaded");
    // Readers do not wait for writers.
    CHECK(user.contents() == "1");
    CHECK(outcome_of(engram.compensate({"trc_a", "evt_2", noon}))
          == "store_busy");
    CHECK(outcome_of(engram.commit("trc_a")) == "store_busy");
    CHECK(outcome_of(engram.sweep()) == "store_busy");
  }
  CHECK(said(user.tell(what)) == "ok");
  CHECK(user.roll_back("trc_a", "evt_2").compensated == 1);
}

TEST_CASE("connecting to a locked Engram fails without touching it",
          "[engram][integration]") {
  const scratch_folder folder;
  run_sql(folder.file(), upstream_engram_schema);
  const auto bytes = bytes_of(folder.file());
  const test_world outside;
  sqlite_engram engram{folder.file(), impatient()};
  {
    const lock_holder other{folder.file(), "BEGIN EXCLUSIVE"};
    REQUIRE(other.holds());
    CHECK(outcome_of(engram.connect(outside.outside)) == "store_busy");
    CHECK((bytes_of(folder.file()) == bytes));
  }
  CHECK(outcome_of(engram.connect(outside.outside)) == "ok");
}

TEST_CASE("two processes on one file give no number twice",
          "[engram][integration]") {
  const scratch_folder folder;
  test_world outside;
  sqlite_engram one{folder.file()};
  sqlite_engram other{folder.file()};
  REQUIRE(outcome_of(one.connect(outside.outside)) == "ok");
  REQUIRE(outcome_of(other.connect(outside.outside)) == "ok");
  engram_user a{one, outside};
  engram_user b{other, outside};
  for (int i = 0; i < 5; ++i) {
    CHECK(said(a.tell({.trace = "trc_a"})) == "ok");
    CHECK(said(b.tell({.trace = "trc_b"})) == "ok");
  }
  CHECK(b.roll_back("trc_a").compensated == 5);
  CHECK(a.ask().hits.size() == 5);
}

// SPDX-License-Identifier: Apache-2.0
// What every stock Engram counts. @source engram.md 19.6
#include "support/engram_samples.hpp"
#include "support/outcome_of.hpp"
#include "support/recorded_log.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

namespace {

engram_journal_counts counts_of(any_engram& engram) {
  const auto result = engram->counts();
  REQUIRE(result);
  return *result;
}

} // namespace

TEST_CASE("a new Engram has counted nothing", "[engram]") {
  any_engram engram;
  CHECK(counts_of(engram) == engram_journal_counts{});
}

TEST_CASE("an Engram tells how full its journal is", "[engram]") {
  any_engram engram;
  auto user = engram.user();
  user.tell_all({put("a", "trc_a", "a"), put("a2", "trc_a", "a"),
                 put("b", "trc_b", "b"), put("nobody's", {}, "c")});
  CHECK(counts_of(engram)
        == engram_journal_counts{.open_traces = 2, .journal_records = 3});
  engram.restart();
  CHECK(counts_of(engram)
        == engram_journal_counts{.open_traces = 2, .journal_records = 3});
  CHECK(outcome_of(engram->commit("trc_a")) == "ok");
  CHECK(counts_of(engram)
        == engram_journal_counts{.open_traces = 1, .journal_records = 1});
}

TEST_CASE("writes that are being undone are in the journal to the last",
          "[engram]") {
  any_engram engram;
  auto user = engram.user();
  std::vector<edit> writes;
  for (int i = 0; i < 300; ++i)
    writes.push_back(put(i, "trc_a", "k" + std::to_string(i)));
  user.tell_all(writes);
  CHECK_FALSE(user.step("trc_a").done);
  CHECK_FALSE(user.step("trc_a").done);
  CHECK(counts_of(engram)
        == engram_journal_counts{.journal_records = 44, .compensated = 256});
  CHECK(user.step("trc_a").done);
  CHECK(counts_of(engram) == engram_journal_counts{.compensated = 300});
}

TEST_CASE("a write that comes again is counted, for longer than the Engram is "
          "open",
          "[engram]") {
  any_engram engram;
  auto user = engram.user();
  const edit write{.imprint_id = "evt_1"};
  user.tell(write);
  CHECK(counts_of(engram).replays == 0);
  user.tell_all({write, write});
  CHECK(counts_of(engram).replays == 2);
  engram.restart();
  CHECK(counts_of(engram).replays == 2);
  user.tell(write);
  CHECK(counts_of(engram).replays == 3);
}

TEST_CASE("what rollbacks have done is counted once", "[engram]") {
  any_engram engram;
  auto user = engram.user();
  user.tell_all({put("base"), put("a", "trc_a"), put("b", "trc_b")});
  user.roll_back("trc_a");
  CHECK(
    counts_of(engram)
    == engram_journal_counts{
      .open_traces = 1, .journal_records = 1, .conflicts = 1, .spliced = 1});
  user.roll_back("trc_b");
  const engram_journal_counts expected{
    .compensated = 1, .conflicts = 1, .spliced = 1};
  CHECK(counts_of(engram) == expected);
  SECTION("also if the STOP is repeated") {
    CHECK(user.roll_back("trc_a").conflicts == 1);
    CHECK(user.roll_back("trc_b").compensated == 1);
    CHECK(counts_of(engram) == expected);
  }
}

TEST_CASE("a conflict with a write that cannot be undone splices nothing",
          "[engram]") {
  any_engram engram;
  auto user = engram.user();
  user.tell_all({put("a", "trc_a"), put("nobody's")});
  user.roll_back("trc_a");
  CHECK(counts_of(engram) == engram_journal_counts{.conflicts = 1});
}

TEST_CASE("what is over its time is counted when it is forgotten", "[engram]") {
  any_engram engram{{.limits = {.open_traces = 1}, .saga_ttl = 10s}};
  auto user = engram.user();
  user.tell(put("a", "trc_a", "a"));
  CHECK(engram->sweep() == 0u);
  CHECK(counts_of(engram).swept == 0);
  user.advance(10s + 1us);
  SECTION("by a sweep") {
    CHECK(engram->sweep() == 1u);
    CHECK(engram->sweep() == 0u);
  }
  SECTION("to make room") {
    CHECK(said(user.tell(put("b", "trc_b", "b"))) == "ok");
  }
  CHECK(counts_of(engram).swept == 1);
}

TEST_CASE("an Engram that is not connected cannot be counted", "[engram]") {
  any_engram engram;
  recorded_log log;
  engram->close();
  CHECK_FALSE(engram->counts());
}

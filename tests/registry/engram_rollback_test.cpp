// SPDX-License-Identifier: Apache-2.0
// What every stock Engram undoes. @source engram.md section 9
#include "support/engram_samples.hpp"
#include "support/outcome_of.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

TEST_CASE("an add is undone", "[engram]") {
  any_engram engram;
  auto user = engram.user();
  const auto op = GENERATE("add"s, "append"s);
  user.tell({.op = op, .entry = {{"id", "a"}}, .trace = "trc_a"});
  CHECK(user.roll_back("trc_a") == rollback_report{.compensated = 1});
  CHECK(user.ask().hits.empty());
}

TEST_CASE("an overwrite is undone", "[engram]") {
  any_engram engram;
  auto user = engram.user();
  user.tell(
    {.op = "upsert",
     .entry = {{"content", "v1"}, {"tags", {"x"}}, {"meta", {{"m", 1}}}},
     .key = "k"});
  const auto before = picture(user);
  user.tell(put("v2", "trc_a"));
  CHECK(user.roll_back("trc_a") == rollback_report{.compensated = 1});
  CHECK(picture(user) == before);
  CHECK(user.ask().hits.size() == 1);
  SECTION("but the version goes on") {
    CHECK(user.ask().hits.at(0).entry["version"] == 3);
  }
}

TEST_CASE("a delete is undone", "[engram]") {
  any_engram engram;
  auto user = engram.user();
  user.tell({.op = "add",
             .entry = {{"id", "a"},
                       {"content", {{"x", 1}}},
                       {"tags", {"t"}},
                       {"meta", {{"m", 1}}}},
             .key = "k"});
  const auto before = picture(user);
  user.tell({.op = "delete", .entry = {{"id", "a"}}, .trace = "trc_a"});
  CHECK(user.roll_back("trc_a") == rollback_report{.compensated = 1});
  CHECK(picture(user) == before);
  CHECK(user.ask().hits.at(0).entry["version"] == 2);
}

TEST_CASE("all kinds of writes of a trace are undone together", "[engram]") {
  any_engram engram;
  auto user = engram.user();
  user.tell(put({{"a", 1}}, {}, "merged"));
  user.tell(put("old", {}, "replaced"));
  user.tell({.op = "add", .entry = {{"id", "gone"}, {"content", 7}}});
  const auto before = picture(user);
  const auto receipts = user.tell_all(
    {{.op = "add", .entry = {{"id", "new"}}, .trace = "trc_a"},
     put("new", "trc_a", "replaced"),
     {.op = "merge",
      .entry = {{"content", {{"b", 2}}}},
      .key = "merged",
      .trace = "trc_a"},
     {.op = "delete", .entry = {{"id", "gone"}}, .trace = "trc_a"}});
  for (const auto& receipt : receipts)
    CHECK(said(receipt) == "ok");
  CHECK(picture(user) != before);
  engram.restart();
  CHECK(user.roll_back("trc_a") == rollback_report{.compensated = 4});
  CHECK(picture(user) == before);
}

TEST_CASE("several writes to one entry are undone to what was before them",
          "[engram]") {
  any_engram engram;
  auto user = engram.user();
  const auto has_past = GENERATE(false, true);
  if (has_past)
    user.tell(put("v0"));
  for (const auto* content : {"v1", "v2", "v3"})
    user.tell(put(content, "trc_a"));
  CHECK(user.roll_back("trc_a") == rollback_report{.compensated = 3});
  CHECK(user.at_key("k") == (has_past ? "\"v0\"" : "none"));
}

TEST_CASE("an entry that a trace made, deleted and made again is undone",
          "[engram]") {
  any_engram engram;
  auto user = engram.user();
  const auto has_past = GENERATE(false, true);
  if (has_past)
    user.tell({.op = "add", .entry = {{"id", "a"}, {"content", 0}}});
  else
    user.tell({.op = "add", .entry = {{"id", "a"}}, .trace = "trc_a"});
  const auto before = picture(user);
  user.tell({.op = "delete", .entry = {{"id", "a"}}, .trace = "trc_a"});
  user.tell({.op = "add", .entry = {{"id", "a"}}, .trace = "trc_a"});
  user.tell({.op = "delete", .entry = {{"id", "a"}}, .trace = "trc_a"});
  CHECK(user.roll_back("trc_a").conflicts == 0);
  CHECK(picture(user) == (has_past ? before : ""));
}

TEST_CASE("an undone entry stands in its key's order where it stood",
          "[engram]") {
  any_engram engram;
  auto user = engram.user();
  user.tell({.entry = {{"content", "older"}}, .key = "k"});
  user.tell({.entry = {{"id", "b"}, {"content", "newer"}}, .key = "k"});
  user.tell({.op = "delete", .entry = {{"id", "b"}}, .trace = "trc_a"});
  user.tell(put("older, rewritten", "trc_a"));
  CHECK(user.roll_back("trc_a").compensated == 2);
  CHECK(user.contents({{"merge_key", "k"}}) == R"("newer" "older")");
}

TEST_CASE("a revived entry leaves the key to who took it meanwhile",
          "[engram]") {
  any_engram engram;
  auto user = engram.user();
  user.tell(put("old"));
  user.tell({.op = "delete", .key = "k", .trace = "trc_a"});
  user.tell(put("taken"));
  CHECK(user.roll_back("trc_a").compensated == 1);
  CHECK(user.contents({{"merge_key", "k"}}) == R"("taken" "old")");
}

TEST_CASE("writes without a trace, refused ones and misses are not undone",
          "[engram]") {
  any_engram engram;
  auto user = engram.user();
  user.tell({.op = "add", .entry = {{"id", "a"}}});
  user.tell({.op = "add", .entry = {{"id", "a"}}, .trace = "trc_a"});
  user.tell({.op = "delete", .entry = {{"id", "b"}}, .trace = "trc_a"});
  CHECK(user.roll_back("trc_a") == rollback_report{});
  CHECK(user.ask().hits.size() == 1);
}

TEST_CASE("what was committed is kept", "[engram]") {
  any_engram engram;
  auto user = engram.user();
  user.tell(put("v1", "trc_a"));
  user.tell(put("other", "trc_b", "l"));
  CHECK(outcome_of(engram->commit("trc_a")) == "ok");
  CHECK(outcome_of(engram->commit("trc_unknown")) == "ok");
  CHECK(user.roll_back("trc_a") == rollback_report{});
  CHECK(user.at_key("k") == "\"v1\"");
  SECTION("but not what the trace writes afterwards") {
    // Not stamped before the STOP that came too late.
    user.advance(1s);
    user.tell(put("v2", "trc_a"));
    CHECK(user.roll_back("trc_a", "evt_later").compensated == 1);
    CHECK(user.at_key("k") == "\"v1\"");
  }
  SECTION("and not what other traces have written") {
    CHECK(user.roll_back("trc_b").compensated == 1);
    CHECK(user.at_key("l") == "none");
  }
}

TEST_CASE("a trace that failed can still be rolled back", "[engram]") {
  any_engram engram;
  auto user = engram.user();
  user.tell(put("v1", "trc_a"));
  CHECK(outcome_of(engram->mark_failed("trc_a")) == "ok");
  CHECK(outcome_of(engram->mark_failed("trc_a")) == "ok");
  CHECK(outcome_of(engram->mark_failed("trc_unknown")) == "ok");
  CHECK(user.roll_back("trc_a").compensated == 1);
  CHECK(user.at_key("k") == "none");
}

TEST_CASE("a trace that nobody has seen is nothing to roll back", "[engram]") {
  any_engram engram;
  auto user = engram.user();
  CHECK(user.step("trc_a") == rollback_report{});
  CHECK(user.step("trc_a") == rollback_report{});
  CHECK(engram->unfinished()->empty());
}

TEST_CASE("nothing is rolled back twice", "[engram]") {
  any_engram engram;
  auto user = engram.user();
  user.tell_all({put("v1", "trc_a"), put("v2", "trc_a")});
  const auto report = user.roll_back("trc_a", "evt_1");
  CHECK(report == rollback_report{.compensated = 2});
  SECTION("the same STOP gets the same report") {
    CHECK(user.step("trc_a", "evt_1") == report);
    engram.restart();
    CHECK(user.step("trc_a", "evt_1") == report);
  }
  SECTION("another one gets nothing, and leaves the first one its report") {
    CHECK(user.roll_back("trc_a", "evt_2") == rollback_report{});
    CHECK(user.step("trc_a", "evt_1") == report);
  }
  SECTION("also if the trace has gone on meanwhile") {
    user.tell(put("v3", "trc_a"));
    CHECK(user.step("trc_a", "evt_1") == report);
    CHECK(user.at_key("k") == "\"v3\"");
    CHECK(user.roll_back("trc_a", "evt_2")
          == rollback_report{.compensated = 1});
    CHECK(user.at_key("k") == "none");
  }
  SECTION("also if what it has written meanwhile was committed") {
    user.tell(put("v3", "trc_a"));
    CHECK(outcome_of(engram->commit("trc_a")) == "ok");
    CHECK(user.step("trc_a", "evt_1") == report);
    CHECK(user.at_key("k") == "\"v3\"");
  }
}

TEST_CASE("a STOP that found no journal does not undo what came after it",
          "[engram]") {
  any_engram engram;
  auto user = engram.user();
  CHECK(user.roll_back("trc_a", "evt_1") == rollback_report{});
  user.tell(put("v1", "trc_a"));
  CHECK(user.roll_back("trc_a", "evt_1") == rollback_report{});
  CHECK(user.at_key("k") == "\"v1\"");
}

TEST_CASE("a repeated write does not come back after its rollback",
          "[engram]") {
  any_engram engram;
  auto user = engram.user();
  auto what = put("v1", "trc_a");
  what.imprint_id = "evt_i";
  const auto id = user.tell(what).id;
  user.roll_back("trc_a");
  engram.restart();
  const auto receipt = user.tell(what);
  CHECK(said(receipt) == "ok");
  CHECK(receipt.id == id);
  CHECK(receipt.version == std::nullopt);
  CHECK(user.at_key("k") == "none");
}

// SPDX-License-Identifier: Apache-2.0
// Rollbacks of entries that others have written to since.
// @source engram.md 9.4
#include "support/engram_samples.hpp"
#include "support/outcome_of.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

namespace {

constexpr auto force = rollback_conflict::force;

} // namespace

TEST_CASE("a later write of somebody else is left alone", "[engram]") {
  any_engram engram;
  auto user = engram.user();
  user.tell_all({put("base"), put("a", "trc_a"), put("b", "trc_b")});
  CHECK(user.roll_back("trc_a") == rollback_report{.conflicts = 1});
  CHECK(user.at_key("k") == "\"b\"");
  CHECK(user.step("trc_a") == rollback_report{.conflicts = 1});
  SECTION("and is undone to what was before both") {
    engram.restart();
    CHECK(user.roll_back("trc_b") == rollback_report{.compensated = 1});
    CHECK(user.at_key("k") == "\"base\"");
  }
}

TEST_CASE("a later write of somebody else is lost if that is wanted",
          "[engram]") {
  any_engram engram{{.on_conflict = force}};
  auto user = engram.user();
  user.tell_all({put("base"), put("a", "trc_a"), put("b", "trc_b")});
  CHECK(user.roll_back("trc_a") == rollback_report{.compensated = 1});
  CHECK(user.at_key("k") == "\"base\"");
  CHECK(user.ask().hits.at(0).entry["version"] == 4);
}

TEST_CASE("force undoes whatever became of an entry", "[engram]") {
  any_engram engram{{.on_conflict = force}};
  auto user = engram.user();
  SECTION("an overwritten one that was deleted comes back") {
    user.tell_all(
      {put("base"), put("a", "trc_a"), {.op = "delete", .key = "k"}});
    CHECK(user.roll_back("trc_a").compensated == 1);
    CHECK(user.at_key("k") == "\"base\"");
  }
  SECTION("an added one that was overwritten goes") {
    user.tell_all({put("a", "trc_a"), put("b")});
    CHECK(user.roll_back("trc_a").compensated == 1);
    CHECK(user.at_key("k") == "none");
  }
  SECTION("a deleted one that was added again is the old one") {
    user.tell_all({{.op = "add", .entry = {{"id", "a"}, {"content", "old"}}},
                   {.op = "delete", .entry = {{"id", "a"}}, .trace = "trc_a"},
                   {.op = "add", .entry = {{"id", "a"}, {"content", "new"}}}});
    CHECK(user.roll_back("trc_a").compensated == 1);
    CHECK(user.contents() == "\"old\"");
  }
}

TEST_CASE("an added entry that others changed goes when they are undone too",
          "[engram]") {
  any_engram engram;
  auto user = engram.user();
  user.tell(put({{"a", 1}}, "trc_a"));
  const edit change
    = GENERATE(edit{.op = "upsert", .key = "k", .trace = "trc_b"},
               edit{.op = "merge",
                    .entry = {{"content", {{"b", 2}}}},
                    .key = "k",
                    .trace = "trc_b"},
               edit{.op = "delete", .key = "k", .trace = "trc_b"});
  CAPTURE(change.op);
  CHECK(said(user.tell(change)) == "ok");
  const auto between = picture(user);
  CHECK(user.roll_back("trc_a") == rollback_report{.conflicts = 1});
  CHECK(picture(user) == between);
  CHECK(user.roll_back("trc_b") == rollback_report{.compensated = 1});
  CHECK(user.ask().hits.empty());
}

TEST_CASE("a conflict in the middle of a trace splices all of it", "[engram]") {
  any_engram engram;
  auto user = engram.user();
  user.tell_all({put("base"), put("a1", "trc_a"), put("a2", "trc_a"),
                 put("b", "trc_b"), put("a3", "trc_a"), put("c", "trc_c")});
  CHECK(user.roll_back("trc_a") == rollback_report{.conflicts = 3});
  CHECK(user.at_key("k") == "\"c\"");
  CHECK(user.roll_back("trc_c") == rollback_report{.compensated = 1});
  CHECK(user.at_key("k") == "\"b\"");
  CHECK(user.roll_back("trc_b") == rollback_report{.compensated = 1});
  CHECK(user.at_key("k") == "\"base\"");
}

TEST_CASE("who deleted an entry can be undone after who added it again",
          "[engram]") {
  any_engram engram;
  auto user = engram.user();
  user.tell_all({{.op = "add", .entry = {{"id", "a"}, {"content", "old"}}},
                 {.op = "delete", .entry = {{"id", "a"}}, .trace = "trc_a"},
                 {.op = "add",
                  .entry = {{"id", "a"}, {"content", "b"}},
                  .trace = "trc_b"}});
  CHECK(user.roll_back("trc_b").compensated == 1);
  CHECK(user.ask().hits.empty());
  user.tell(
    {.op = "add", .entry = {{"id", "a"}, {"content", "c"}}, .trace = "trc_c"});
  CHECK(user.roll_back("trc_a") == rollback_report{.conflicts = 1});
  CHECK(user.contents() == "\"c\"");
  CHECK(user.roll_back("trc_c") == rollback_report{.compensated = 1});
  CHECK(user.contents() == "\"old\"");
}

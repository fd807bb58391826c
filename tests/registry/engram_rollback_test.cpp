// SPDX-License-Identifier: Apache-2.0
// What every stock Engram undoes. @source engram.md section 9
#include "support/engram_samples.hpp"
#include "support/outcome_of.hpp"
#include "support/recorded_log.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

namespace {

constexpr auto force = rollback_conflict::force;

edit put(json content, std::string trace = {}, std::string key = "k") {
  return {.op = "upsert",
          .entry = {{"content", std::move(content)}},
          .key = std::move(key),
          .trace = std::move(trace)};
}

/// All that can be seen, but for what an undo is meant to move on.
std::string picture(engram_user& user) {
  std::string result;
  for (auto hit : user.ask({{"top_k", 1'000}}).hits) {
    hit.entry.erase("version");
    hit.entry.erase("updated_at");
    result += json_to_wire(hit.entry) + '\n';
  }
  return result;
}

} // namespace

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

// -- later writes of others ---------------------------------------------------

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

// -- long rollbacks -----------------------------------------------------------

TEST_CASE("a rollback goes step by step, and can be watched", "[engram]") {
  any_engram engram;
  auto user = engram.user();
  std::vector<edit> writes;
  for (int i = 0; i < 600; ++i)
    writes.push_back(put(i, "trc_a", "k" + std::to_string(i)));
  user.tell_all(writes);
  CHECK(user.step("trc_a") == rollback_report{.done = false});
  CHECK(user.ask({{"top_k", 1'000}}).hits.size() == 600);
  const std::vector<rollback_order> expected{
    {.trace_id = "trc_a", .stop_id = "evt_stop", .stopped_at = user.now()}};
  CHECK((engram->unfinished() == expected));
  CHECK(user.step("trc_a")
        == rollback_report{.compensated = 256, .done = false});
  CHECK(user.at_key("k599") == "none");
  CHECK(user.at_key("k343") == "343");
  engram.restart();
  CHECK((engram->unfinished() == expected));
  SECTION("another STOP does not disturb it") {
    CHECK(user.step("trc_a", "evt_other") == rollback_report{});
    CHECK((engram->unfinished() == expected));
  }
  SECTION("a commit does not end it") {
    CHECK(outcome_of(engram->commit("trc_a")) == "ok");
    CHECK((engram->unfinished() == expected));
  }
  SECTION("a later write of the trace waits for its end and is not undone") {
    user.advance(1s);
    CHECK(said(user.tell(put("new", "trc_a", "k0"))) == "ok");
    CHECK(user.contents() == "\"new\"");
    CHECK(user.step("trc_a") == rollback_report{.compensated = 600});
    CHECK(user.contents() == "\"new\"");
    return;
  }
  SECTION("a late write of the trace is refused meanwhile") {
    auto late = user.request(put("late", "trc_a"));
    late.sent_at = expected[0].stopped_at;
    CHECK(token_of(engram->imprint({late})->at(0)) == "trace_stopped");
  }
  SECTION("the sweeper does not end it") {
    user.advance(std::chrono::days{30});
    CHECK(engram->sweep());
    CHECK((engram->unfinished() == expected));
  }
  CHECK(user.step("trc_a")
        == rollback_report{.compensated = 512, .done = false});
  CHECK(user.step("trc_a") == rollback_report{.compensated = 600});
  CHECK(user.ask().hits.empty());
  CHECK(engram->unfinished()->empty());
}

TEST_CASE("a journal of exactly one batch takes one step to undo", "[engram]") {
  any_engram engram;
  auto user = engram.user();
  for (int i = 0; i < 4; ++i)
    user.tell_all(std::vector<edit>(64, put(i, "trc_a")));
  CHECK_FALSE(user.step("trc_a").done);
  CHECK(user.step("trc_a") == rollback_report{.compensated = 256});
}

// -- limits -------------------------------------------------------------------

TEST_CASE("no write is made that could not be undone", "[engram]") {
  any_engram engram{{.limits = {.journal_records = 2}}};
  auto user = engram.user();
  user.tell_all({put("v1", "trc_a"), put("v2", "trc_a")});
  const auto refused = user.tell(put("v3", "trc_a"));
  CHECK(said(refused) == "engram_overloaded: the trace has made 2 writes");
  CHECK(user.at_key("k") == "\"v2\"");
  SECTION("but it can still be tried, if it changes nothing") {
    CHECK(said(user.tell(
            {.op = "delete", .entry = {{"id", "no"}}, .trace = "trc_a"}))
          == "ok");
  }
  SECTION("others may still write") {
    CHECK(said(user.tell(put("b", "trc_b", "l"))) == "ok");
    CHECK(said(user.tell(put("c", {}, "m"))) == "ok");
  }
  SECTION("after a commit it may write again") {
    CHECK(outcome_of(engram->commit("trc_a")) == "ok");
    CHECK(said(user.tell(put("v3", "trc_a"))) == "ok");
  }
  CHECK(user.roll_back("trc_a").conflicts == 0);
}

TEST_CASE("there are no more open traces than allowed", "[engram]") {
  any_engram engram{{.limits = {.open_traces = 2}, .saga_ttl = 10s}};
  auto user = engram.user();
  user.tell(put("a", "trc_a", "a"));
  user.tell(put("b", "trc_b", "b"));
  const auto refused = user.tell(put("c", "trc_c", "c"));
  CHECK(said(refused) == "engram_overloaded: 2 traces are open");
  CHECK(user.at_key("c") == "none");
  CHECK(said(user.tell(put("c", {}, "c"))) == "ok");
  CHECK(said(user.tell(put("a2", "trc_a", "a"))) == "ok");
  SECTION("one that ends makes room for another") {
    if (GENERATE(false, true))
      CHECK(outcome_of(engram->commit("trc_a")) == "ok");
    else
      user.roll_back("trc_a");
    CHECK(said(user.tell(put("d", "trc_d", "d"))) == "ok");
    CHECK(token_of(user.tell(put("e", "trc_e", "e"))) == "engram_overloaded");
  }
  SECTION("one that is over its time makes room for another") {
    user.advance(10s - 1us);
    CHECK(said(user.tell(put("d", "trc_d", "d"))) == "ok");
    CHECK(user.roll_back("trc_b") == rollback_report{});
    CHECK(user.at_key("b") == "\"b\"");
    CHECK(user.roll_back("trc_a").compensated == 2);
  }
}

// -- sweeping -----------------------------------------------------------------

TEST_CASE("what a trace has written is kept when nobody asks for long",
          "[engram]") {
  any_engram engram{{.saga_ttl = 10s}};
  auto user = engram.user();
  user.tell(put("a", "trc_a", "a"));
  user.tell(put("b", "trc_b", "b"));
  CHECK(outcome_of(engram->mark_failed("trc_b")) == "ok");
  recorded_log log;
  user.advance(10s);
  CHECK(engram->sweep() == 1u);
  CHECK(log.count("failed-trace-kept") == 0);
  user.advance(1us);
  CHECK(engram->sweep() == 1u);
  CHECK(log.count("failed-trace-kept: engram: nobody has rolled back trc_b in "
                  "time")
        == 1);
  CHECK(engram->sweep() == 0u);
  CHECK(user.roll_back("trc_a") == rollback_report{});
  CHECK(user.roll_back("trc_b") == rollback_report{});
  CHECK(user.contents() == R"("b" "a")");
}

TEST_CASE("a repeated write is recognised for as long as agreed", "[engram]") {
  any_engram engram{{.limits = {.seen_marks = 2},
                     .saga_ttl = 10s,
                     .seen_ttl = GENERATE(5s, 100s)}};
  auto user = engram.user();
  for (const auto* id : {"1", "2", "3"})
    user.tell({.entry = {{"id", id}}, .imprint_id = id});
  auto is_known = [&](const char* id) {
    return user.tell({.op = "delete", .imprint_id = id}).id == id;
  };
  SECTION("none is forgotten that is younger than a journal can be") {
    user.advance(9s);
    CHECK(engram->sweep() == 0u);
    CHECK(is_known("1"));
  }
  SECTION("the oldest are forgotten when there are too many") {
    user.advance(10s);
    engram.restart();
    CHECK(engram->sweep().value() >= 1u);
    CHECK_FALSE(is_known("1"));
  }
  SECTION("all are forgotten in the end") {
    user.advance(101s);
    CHECK(engram->sweep() == 3u);
    CHECK_FALSE(is_known("3"));
  }
}

TEST_CASE("the place of a deleted entry is given up", "[engram]") {
  any_engram engram{{.tombstone_ttl = 10s}};
  auto user = engram.user();
  user.tell({.op = "add", .entry = {{"id", "a"}, {"content", "old"}}});
  user.tell({.op = "delete", .entry = {{"id", "a"}}, .trace = "trc_a"});
  user.advance(10s);
  CHECK(engram->sweep() == 0u);
  user.advance(1us);
  CHECK(engram->sweep() == 1u);
  CHECK(user.ask().hits.empty());
  SECTION("and is found again by a rollback") {
    CHECK(user.roll_back("trc_a") == rollback_report{.compensated = 1});
    CHECK(user.contents() == "\"old\"");
  }
}

TEST_CASE("a rollback is forgotten after a day", "[engram]") {
  any_engram engram;
  auto user = engram.user();
  user.tell(put("a", "trc_a"));
  const auto report = user.roll_back("trc_a");
  user.advance(24h);
  CHECK(engram->sweep() == 0u);
  CHECK(user.step("trc_a") == report);
  user.advance(1us);
  CHECK(engram->sweep() == 1u);
  CHECK(user.step("trc_a") == rollback_report{});
}

// SPDX-License-Identifier: Apache-2.0
// Long rollbacks, and how much an Engram remembers for how long.
// @source engram.md sections 9.5, 14
#include "support/engram_samples.hpp"
#include "support/outcome_of.hpp"
#include "support/recorded_log.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

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

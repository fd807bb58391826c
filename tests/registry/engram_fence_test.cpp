// SPDX-License-Identifier: Apache-2.0
// Writes that arrive after their trace was rolled back.
// @source engram.md 9.6
#include "support/engram_samples.hpp"
#include "support/outcome_of.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

namespace {

/// An Engram with a trace that was stopped at noon, with or without journal.
struct stopped_engram {
  explicit stopped_engram(const engram_rules& rules = {})
    : engram(rules), has_journal(GENERATE(true, false)) {
    UNSCOPED_INFO("journal: " << has_journal);
    if (has_journal)
      engram.user().tell({.op = "add",
                          .entry = {{"id", "a"}},
                          .trace = "trc_a",
                          .imprint_id = "evt_seen"});
    engram.outside().clock->set(noon);
    while (!engram.user().step("trc_a").done)
      continue;
  }

  /// What becomes of a write stamped then that arrives now.
  std::string late(timestamp sent_at, std::string imprint_id = {}) {
    auto what = engram.user().request(
      {.trace = "trc_a", .imprint_id = std::move(imprint_id)});
    what.sent_at = sent_at;
    return token_of(engram->imprint({what})->at(0));
  }

  void go_to(timestamp at) {
    engram.outside().clock->set(at);
  }

  any_engram engram;
  bool has_journal;
};

} // namespace

TEST_CASE("a write stamped before the STOP is refused after it", "[engram]") {
  stopped_engram it;
  CHECK(it.late(noon) == "trace_stopped");
  CHECK(it.late(noon - 1h) == "trace_stopped");
  CHECK(it.late({}) == "trace_stopped");
  CHECK(it.engram.user().ask().hits.empty());
  SECTION("and says so in words") {
    const auto receipt = it.engram.user().tell({.trace = "trc_a"});
    CHECK(said(receipt) == "ok");
    auto what = it.engram.user().request({.trace = "trc_a"});
    what.sent_at = noon;
    CHECK(said(it.engram->imprint({what})->at(0))
          == "trace_stopped: trc_a was stopped with rollback");
  }
  SECTION("but one stamped after it is made, and can be undone") {
    CHECK(it.late(noon + 1us) == "ok");
    CHECK(it.late(noon) == "trace_stopped");
    it.go_to(noon + 1s);
    CHECK(it.engram.user().roll_back("trc_a", "evt_2").compensated == 1);
    CHECK(it.engram.user().ask().hits.empty());
    CHECK(it.late(noon + 1us) == "trace_stopped");
  }
  SECTION("unless it was made before") {
    CHECK(it.late(noon, "evt_seen")
          == (it.has_journal ? "ok" : "trace_stopped"));
    CHECK(it.engram.user().ask().hits.empty());
  }
  SECTION("writes of other traces and of none are made") {
    CHECK(said(it.engram.user().tell({.trace = "trc_b"})) == "ok");
    CHECK(said(it.engram.user().tell({})) == "ok");
  }
  SECTION("for a minute") {
    it.go_to(noon + 60s - 1us);
    CHECK(it.late(noon) == "trace_stopped");
    it.go_to(noon + 60s);
    CHECK(it.late(noon) == "ok");
  }
  SECTION("for a minute after the last STOP") {
    it.go_to(noon + 50s);
    it.engram.user().roll_back("trc_a", "evt_2");
    it.go_to(noon + 100s);
    CHECK(it.late(noon + 50s) == "trace_stopped");
    it.go_to(noon + 120s);
    CHECK(it.late(noon + 50s) == "ok");
  }
  SECTION("also after a restart, if anything was undone") {
    it.engram.restart();
    const auto outcome = it.late(noon);
    CHECK((outcome == "trace_stopped" || !it.has_journal));
  }
  SECTION("also after the trace went on, and was committed") {
    CHECK(it.late(noon + 1us) == "ok");
    CHECK(outcome_of(it.engram->commit("trc_a")) == "ok");
    CHECK(it.late(noon) == "trace_stopped");
  }
}

TEST_CASE("a strict fence lets no write of the trace pass", "[engram]") {
  stopped_engram it{{.strict_fence = true}};
  CHECK(it.late(noon + 1h) == "trace_stopped");
  it.go_to(noon + 60s);
  CHECK(it.late(noon) == "ok");
}

TEST_CASE("a fence can be wider, for clocks differ", "[engram]") {
  stopped_engram it{{.stop_skew = 100ms}};
  CHECK(it.late(noon + 100ms) == "trace_stopped");
  CHECK(it.late(noon + 100ms + 1us) == "ok");
}

TEST_CASE("there need not be a fence", "[engram]") {
  stopped_engram it{{.stop_fence = 0s}};
  CHECK(it.late(noon - 1h) == "ok");
}

TEST_CASE("a STOP without rollback puts up no fence", "[engram]") {
  any_engram engram;
  auto user = engram.user();
  user.tell({.trace = "trc_a"});
  CHECK(outcome_of(engram->commit("trc_a")) == "ok");
  auto what = user.request({.trace = "trc_a"});
  what.sent_at = noon - 1h;
  CHECK(said(engram->imprint({what})->at(0)) == "ok");
}

TEST_CASE("times at the end of the world are no fault", "[engram]") {
  constexpr auto forever = std::chrono::milliseconds::max();
  any_engram engram{{.saga_ttl = forever,
                     .seen_ttl = forever,
                     .tombstone_ttl = forever,
                     .stop_fence = forever,
                     .stop_skew = forever}};
  auto user = engram.user();
  const auto at = GENERATE(timestamp::min(), timestamp_min, timestamp_max,
                           timestamp::max());
  user.tell({.trace = "trc_a"});
  auto report = engram->compensate({"trc_a", "evt_1", at});
  while (report && !report->done)
    report = engram->compensate({"trc_a", "evt_1", at});
  CHECK(report == rollback_report{.compensated = 1});
  CHECK(engram->compensate({"trc_b", "evt_1", at}) == rollback_report{});
  for (const auto* trace : {"trc_a", "trc_b"}) {
    auto what = user.request({.trace = trace});
    what.sent_at = timestamp::max();
    const auto receipts = engram->imprint({what});
    REQUIRE(receipts);
    CHECK((token_of(receipts->at(0)) == "trace_stopped"
           || token_of(receipts->at(0)) == "ok"));
  }
  CHECK(engram->sweep());
  engram.restart();
  CHECK(engram->sweep());
}

// SPDX-License-Identifier: Apache-2.0
// What can be seen of an Engram's work. @source engram.md 19.6
#include "support/bed.hpp"
#include "support/odd_engram.hpp"
#include "support/recorded_log.hpp"
#include <cosmo/served_engram.hpp>

#include <catch2/catch_test_macros.hpp>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

namespace {

using by_name = engram_counts::by_name;

struct counts_fixture : bed {
  counts_fixture() {
    REQUIRE(!from.start());
    REQUIRE(host.attach_engram(odd));
    REQUIRE(!host.start());
  }

  engram_counts counts() {
    auto result = host.engram_counts("odd");
    REQUIRE(result);
    return *result;
  }

  imprint_options write(std::string op = "append") {
    return {.engram_id = "odd",
            .op = std::move(op),
            .entry = {{"content", "x"}},
            .merge_key = "k",
            .await_ack = true,
            .trace_id = "trc_t"};
  }

  void tell(std::string op = "append") {
    REQUIRE(outcome_of(from.imprint(write(std::move(op)))) == "ok");
  }

  answer<imprint_receipt> tell_later() {
    return ask_later<imprint_receipt>(from.handle(), imprint_atom_v,
                                      wait_atom_v, std::string{}, write());
  }

  auto recall(std::chrono::milliseconds deadline = 1s) {
    return outcome_of(from.recall({.engram_id = "odd", .deadline = deadline}));
  }

  void publish(signal_type type, json payload) {
    header hdr{.id = sim.runtime().new_event_id(), .trace_id = "trc_t"};
    hdr.directed = directed::to("odd");
    REQUIRE(!bus.publish("cosmonapse.default." + std::string{to_string(type)},
                         signal::make_wire(hdr, type, std::move(payload))));
    sim.run();
  }

  recorded_log log;
  std::shared_ptr<odd_engram> odd = std::make_shared<odd_engram>();
  dendrite host = worker("memory");
  dendrite from = orchestrator();
};

} // namespace

TEST_CASE_METHOD(counts_fixture, "what goes through an Engram is counted",
                 "[actors][engram_counts]") {
  CHECK(counts() == engram_counts{.journal = engram_journal_counts{}});
  tell();
  tell("append");
  tell("upsert");
  tell("delete");
  CHECK(recall() == "ok");
  CHECK(recall() == "ok");
  CHECK(
    counts()
    == engram_counts{.recalls = 2,
                     .hits = 2,
                     .imprints = {{"append", 2}, {"delete", 1}, {"upsert", 1}},
                     .journal = engram_journal_counts{.open_traces = 1,
                                                      .journal_records = 4}});
}

TEST_CASE_METHOD(counts_fixture, "only an Engram that is hosted has counts",
                 "[actors][engram_counts]") {
  auto unknown = host.engram_counts("nobody");
  CHECK(outcome_of(unknown) == "not_found");
  CHECK(text_of(unknown) == "no such Engram is hosted: nobody");
  CHECK(outcome_of(from.engram_counts("odd")) == "not_found");
  REQUIRE(!host.detach_engram("odd"));
  CHECK(outcome_of(host.engram_counts("odd")) == "not_found");
}

TEST_CASE_METHOD(counts_fixture, "a rollback is counted by the backend",
                 "[actors][engram_counts]") {
  tell();
  tell();
  CHECK(counts().journal->journal_records == 2);
  REQUIRE(from.emit_stop("trc_t", true));
  sim.run();
  CHECK(counts().journal == engram_journal_counts{.compensated = 2});
}

TEST_CASE_METHOD(counts_fixture, "an IMPRINT that comes again is a replay",
                 "[actors][engram_counts]") {
  auto sig
    = sim.build().make(payload::imprint{"append", {{"content", "x"}}, {}},
                       {.parent_id = "evt_p", .directed = directed::to("odd")});
  for (int i = 0; i < 3; ++i)
    REQUIRE(!bus.publish("cosmonapse.default.IMPRINT", sig));
  sim.run();
  CHECK(counts().imprints == by_name{{"append", 3}});
  CHECK(counts().journal->replays == 2);
}

TEST_CASE_METHOD(counts_fixture, "what was refused is counted by its token",
                 "[actors][engram_counts]") {
  SECTION("by the backend") {
    tell("merge");
    CHECK(counts().imprints == by_name{{"merge", 1}});
    CHECK(counts().errors == by_name{{"imprint_refused", 1}});
  }
  SECTION("before it came to the backend") {
    publish(signal_type::IMPRINT, {{"op", "add"}, {"entry", 7}});
    publish(signal_type::IMPRINT, {{"op", 7}});
    CHECK(counts().imprints == by_name{{"add", 1}, {"other", 1}});
    CHECK(counts().errors
          == by_name{{"imprint_refused", 1}, {"invalid_entry", 1}});
  }
  SECTION("by an exception") {
    odd->throw_at_writes = 1;
    tell();
    CHECK(counts().errors == by_name{{"engram_exception", 1}});
  }
  SECTION("by silence, which is no error if there is nothing to say") {
    odd->silent = true;
    CHECK(recall(50ms) == "engram_timeout");
    CHECK(counts().recalls == 1);
    CHECK(counts().errors.empty());
  }
}

TEST_CASE_METHOD(counts_fixture, "counts survive the restart of an Engram",
                 "[actors][engram_counts]") {
  tell();
  CHECK(recall() == "ok");
  SECTION("that died of a write") {
    odd->break_writes = 1;
    tell();
    CHECK(counts().imprints == by_name{{"append", 2}});
    CHECK(counts().recalls == 1);
  }
  SECTION("that died of a recall") {
    odd->break_recalls = 1;
    CHECK(recall(10ms) == "engram_timeout");
    CHECK(counts().imprints == by_name{{"append", 1}});
    CHECK(counts().recalls == 2);
  }
  auto meanwhile = counts();
  CHECK(meanwhile.errors == by_name{{"engram_exception", 1}});
  CHECK(meanwhile.restarts == 1);
  CHECK(meanwhile.hits == 1);
  CHECK_FALSE(meanwhile.journal);
  sim.advance(1s);
  CHECK(odd->connects == 2);
  auto afterwards = counts();
  CHECK(afterwards.journal->journal_records == 1);
  afterwards.journal.reset();
  CHECK(afterwards == meanwhile);
}

TEST_CASE_METHOD(counts_fixture, "what waits is the depth of the queue",
                 "[actors][engram_counts]") {
  odd->break_writes = 1;
  odd->refuse_connects = 1'000;
  tell();
  std::vector<answer<imprint_receipt>> pending;
  for (int i = 0; i < 1'030; ++i)
    pending.push_back(tell_later());
  sim.run();
  auto waiting = counts();
  CHECK(waiting.queue_depth == 1'024);
  CHECK(waiting.imprints == by_name{{"append", 7}});
  CHECK(waiting.errors
        == by_name{{"engram_exception", 1}, {"engram_overloaded", 6}});
  SECTION("until they are refused") {
    sim.advance(10s);
    CHECK(recall(10ms) == "engram_timeout");
    auto refused = counts();
    CHECK(refused.queue_depth == 0);
    CHECK(refused.imprints == by_name{{"append", 1'031}});
    CHECK(refused.recalls == 1);
    CHECK(refused.errors
          == by_name{{"engram_exception", 1},
                     {"engram_overloaded", 6},
                     {"engram_unavailable", 1'025}});
    CHECK(refused.restarts > 5);
  }
  SECTION("until they are made") {
    odd->refuse_connects = 0;
    sim.advance(10s);
    auto made = counts();
    CHECK(made.queue_depth == 0);
    CHECK(made.imprints == by_name{{"append", 1'031}});
    CHECK(made.errors == waiting.errors);
  }
}

TEST_CASE_METHOD(counts_fixture, "a RECALL past its deadline is counted so",
                 "[actors][engram_counts]") {
  odd->break_recalls = 1;
  CHECK(recall(10ms) == "engram_timeout");
  CHECK(recall(10ms) == "engram_timeout");
  sim.advance(1s);
  CHECK(counts().recalls == 2);
  CHECK(counts().errors
        == by_name{{"engram_exception", 1}, {"engram_timeout", 1}});
}

TEST_CASE_METHOD(counts_fixture,
                 "an Engram that is stopped is not asked for its journal",
                 "[actors][engram_counts]") {
  tell();
  REQUIRE(!host.stop());
  auto stopped = counts();
  CHECK(stopped.imprints == by_name{{"append", 1}});
  CHECK_FALSE(stopped.journal);
  REQUIRE(!host.start());
  CHECK(counts().imprints == by_name{{"append", 1}});
  CHECK(counts().journal->journal_records == 1);
}

TEST_CASE_METHOD(counts_fixture,
                 "a backend that cannot be counted serves all the same",
                 "[actors][engram_counts]") {
  odd->throw_at_counts = true;
  tell();
  CHECK(counts() == engram_counts{.imprints = {{"append", 1}}});
  CHECK(log.count("not-counted") == 1);
  CHECK(recall() == "ok");
  CHECK(odd->connects == 1);
}

TEST_CASE_METHOD(counts_fixture,
                 "an Engram of functions counts what it has undone",
                 "[actors][engram_counts]") {
  auto mine = serve({.engram_id = "mine"});
  mine->on_imprint([](const imprint_request&) { return true; });
  mine->on_compensate([](const std::string&) { return size_t{3}; });
  REQUIRE(host.add_engram(engram{mine}));
  auto stop = sim.build().make(payload::stop{true, {}}, {.trace_id = "trc_t"});
  REQUIRE(!from.emit(stop));
  sim.run();
  auto result = host.engram_counts("mine");
  REQUIRE(result);
  CHECK(result->journal == engram_journal_counts{.compensated = 3});
}

// -- hostile RECALLs -----------------------------------------------------------

TEST_CASE_METHOD(counts_fixture,
                 "a deadline that is too large is a long one, not a past one",
                 "[actors][engram_counts]") {
  auto mine = serve({.engram_id = "mine"});
  std::vector<std::optional<std::chrono::milliseconds>> asked;
  mine->on_recall([&](const recall_request& what) {
    asked.push_back(what.deadline);
    return recall_finds{};
  });
  REQUIRE(host.add_engram(engram{mine}));
  for (const json& limit :
       {json(std::numeric_limits<uint64_t>::max()), json(uint64_t{1} << 63),
        json(std::numeric_limits<int64_t>::min()), json(7), json(1e300)}) {
    header hdr{.id = sim.runtime().new_event_id(), .trace_id = "trc_t"};
    hdr.directed = directed::to("mine");
    REQUIRE(
      !bus.publish("cosmonapse.default.RECALL",
                   signal::make_wire(hdr, signal_type::RECALL,
                                     {{"query", {}}, {"deadline_ms", limit}})));
    sim.run();
  }
  constexpr auto longest = std::chrono::milliseconds::max();
  constexpr auto shortest = std::chrono::milliseconds::min();
  CHECK((asked
         == std::vector<std::optional<std::chrono::milliseconds>>{
           longest, longest, shortest, 7ms, std::nullopt}));
}

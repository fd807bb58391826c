// SPDX-License-Identifier: Apache-2.0
#include "decision_table.hpp"

#include <cosmo/signal_builder.hpp>
#include <cosmo/testing/simulation.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <vector>

using namespace cosmo;
using namespace std::literals;

namespace {

using table = actors::decision_table<std::string>;
using names = std::vector<std::string>;

struct fixture {
  testing::simulation sim;
  signal_builder build = sim.build();
  table decisions;

  signal clarification(std::string trace = "trc_1") {
    return build.make(payload::clarification{}, {.trace_id = trace});
  }

  signal permission(std::string trace = "trc_1") {
    return build.make(payload::permission{}, {.trace_id = trace});
  }

  signal answer(const signal& question, json what = "yes") {
    return *build.reply(question,
                        payload::clarification_answer{std::move(what)});
  }

  signal grant(const signal& question) {
    return *build.reply(question, payload::permission_decision{true, {}, {}});
  }

  static json text_of(const signal& sig) {
    return sig.get_if<payload::clarification_answer>()->answer;
  }
};

const table::time_point start{};

} // namespace

TEST_CASE_METHOD(fixture, "an answer goes to whoever waits for it",
                 "[actors][decision_table]") {
  auto first = clarification();
  auto second = clarification();
  decisions.await(first, "a", {});
  decisions.await(second, "b", {});
  CHECK(decisions.decide(answer(second)) == names{"b"});
  CHECK(decisions.decide(answer(first)) == names{"a"});
  CHECK_FALSE(decisions.awaited(first.id()));
}

TEST_CASE_METHOD(fixture, "an answer that came early is taken once",
                 "[actors][decision_table]") {
  auto question = clarification();
  CHECK_FALSE(decisions.take_early(question));
  CHECK(decisions.decide(answer(question, "first")).empty());
  CHECK(decisions.decide(answer(question, "second")).empty());
  auto early = decisions.take_early(question);
  REQUIRE(early);
  CHECK(text_of(*early) == "first");
  CHECK_FALSE(decisions.take_early(question));
  // A later answer is not a first one.
  CHECK(decisions.decide(answer(question, "third")).empty());
  CHECK_FALSE(decisions.take_early(question));
}

TEST_CASE_METHOD(fixture, "an answer that somebody took leaves none for others",
                 "[actors][decision_table]") {
  auto question = clarification();
  decisions.await(question, "a", {});
  CHECK(decisions.decide(answer(question)) == names{"a"});
  CHECK(decisions.decide(answer(question)).empty());
  CHECK_FALSE(decisions.take_early(question));
}

TEST_CASE_METHOD(fixture, "an answer of the other kind is none",
                 "[actors][decision_table]") {
  auto question = permission();
  decisions.await(question, "a", {});
  CHECK(decisions.decide(answer(question)).empty());
  CHECK(decisions.awaited(question.id()));
  CHECK(decisions.decide(grant(question)) == names{"a"});
}

TEST_CASE_METHOD(fixture, "an answer without a question is dropped",
                 "[actors][decision_table]") {
  signal stray = build.make(payload::clarification_answer{});
  CHECK(decisions.decide(stray).empty());
}

TEST_CASE_METHOD(fixture, "the end of a trace ends its waits only",
                 "[actors][decision_table]") {
  auto first = clarification("trc_1");
  auto second = clarification("trc_2");
  decisions.await(first, "a", {});
  decisions.await(second, "b", {});
  CHECK(decisions.end("trc_1") == names{"a"});
  CHECK(decisions.end("trc_1").empty());
  CHECK(decisions.awaited(second.id()));
}

TEST_CASE_METHOD(fixture, "waits end at their deadline",
                 "[actors][decision_table]") {
  auto first = clarification();
  auto second = clarification();
  decisions.await(first, "a", start + 2s);
  decisions.await(second, "b", start + 1s);
  CHECK(decisions.next_deadline() == start + 1s);
  CHECK(decisions.take_expired(start + 1s) == names{"b"});
  CHECK(decisions.next_deadline() == start + 2s);
  CHECK(decisions.end("trc_1") == names{"a"});
  CHECK_FALSE(decisions.next_deadline());
}

TEST_CASE_METHOD(fixture, "the oldest of 256 early answers gives way",
                 "[actors][decision_table]") {
  std::vector<signal> questions;
  for (size_t i = 0; i < table::capacity + 1; ++i) {
    questions.push_back(clarification());
    decisions.decide(answer(questions.back(), static_cast<int>(i)));
  }
  CHECK_FALSE(decisions.take_early(questions[0]));
  auto second = decisions.take_early(questions[1]);
  REQUIRE(second);
  CHECK(text_of(*second) == 1);
  CHECK(decisions.take_early(questions.back()));
}

// SPDX-License-Identifier: Apache-2.0
#include "pathway_log.hpp"

#include "support/outcome_of.hpp"
#include <cosmo/signal_builder.hpp>

#include <catch2/catch_test_macros.hpp>

using namespace cosmo;
using namespace cosmo::test;
using namespace cosmo::actors;

namespace {

signal thought(int64_t seq) {
  static const signal_builder build{
    world::seeded(1, std::make_shared<manual_clock>(timestamp{}))};
  return build.make(payload::thought_delta{"", seq});
}

template <class Payload>
signal make() {
  static const signal_builder build{
    world::seeded(2, std::make_shared<manual_clock>(timestamp{}))};
  return build.make(Payload{});
}

} // namespace

TEST_CASE("a wait takes the oldest Signal of its types, once",
          "[actors][pathway_log]") {
  pathway_log log{scope::all};
  log.append(thought(0));
  log.append(make<payload::agent_output>());
  log.append(thought(1));
  CHECK(outcome_of(log.take(types::waking)) == "AGENT_OUTPUT");
  CHECK_FALSE(log.take(types::waking));
  auto first = log.take({signal_type::THOUGHT_DELTA});
  auto second = log.take({signal_type::THOUGHT_DELTA});
  REQUIRE(first);
  REQUIRE(second);
  CHECK(first->get_if<payload::thought_delta>()->seq == 0);
  CHECK(second->get_if<payload::thought_delta>()->seq == 1);
  CHECK_FALSE(log.take(types::all));
}

TEST_CASE("what a wait was given directly is not there for the next",
          "[actors][pathway_log]") {
  pathway_log log{scope::all};
  log.append(thought(0));
  log.append(make<payload::agent_output>());
  log.take_newest();
  CHECK_FALSE(log.take(types::waking));
  CHECK(log.take(types::all));
  CHECK_FALSE(log.take(types::all));
}

TEST_CASE("iteration sees what waits have taken", "[actors][pathway_log]") {
  pathway_log log{scope::all};
  log.append(make<payload::agent_output>());
  log.append(make<payload::final_>());
  REQUIRE(log.take(types::all));
  CHECK(outcome_of(log.next()) == "AGENT_OUTPUT");
  CHECK(outcome_of(log.next()) == "FINAL");
  CHECK_FALSE(log.next());
  log.append(thought(0));
  CHECK(outcome_of(log.next()) == "THOUGHT_DELTA");
}

TEST_CASE("only FINAL and ERROR end a log", "[actors][pathway_log]") {
  pathway_log log{scope::all};
  CHECK_FALSE(log.append(make<payload::agent_output>())->closes);
  CHECK_FALSE(log.append(make<payload::clarification>())->closes);
  CHECK_FALSE(log.append(make<payload::permission>())->closes);
  CHECK_FALSE(log.append(make<payload::stop>())->closes);
  CHECK(log.append(make<payload::final_>())->closes);
  CHECK(log.append(make<payload::error>())->closes);
}

TEST_CASE("scope terminal hides all but four types", "[actors][pathway_log]") {
  pathway_log log{scope::terminal};
  CHECK_FALSE(log.append(make<payload::agent_output>())->in_scope);
  CHECK_FALSE(log.append(make<payload::bid>())->in_scope);
  CHECK(log.append(make<payload::clarification>())->in_scope);
  CHECK(log.append(make<payload::permission>())->in_scope);
  CHECK(log.append(make<payload::final_>())->in_scope);
  CHECK(log.append(make<payload::error>())->in_scope);
  CHECK(outcome_of(log.take(types::all)) == "CLARIFICATION");
  CHECK(outcome_of(log.next()) == "CLARIFICATION");
}

TEST_CASE("a replay gives everything of a type, whatever the scope",
          "[actors][pathway_log]") {
  pathway_log log{scope::terminal};
  log.append(thought(0));
  log.append(make<payload::final_>());
  log.append(thought(1));
  REQUIRE(log.take({signal_type::FINAL}));
  log.close();
  std::string seen;
  log.replay({signal_type::THOUGHT_DELTA, signal_type::FINAL},
             [&](const signal& sig) { seen += outcome_of(sig) + ' '; });
  CHECK(seen == "THOUGHT_DELTA FINAL THOUGHT_DELTA ");
}

TEST_CASE("a closed log takes nothing and stays readable",
          "[actors][pathway_log]") {
  pathway_log log{scope::all};
  log.append(make<payload::final_>());
  CHECK_FALSE(log.closed());
  log.close();
  CHECK(log.closed());
  CHECK_FALSE(log.append(make<payload::error>()));
  CHECK(outcome_of(log.take(types::waking)) == "FINAL");
  CHECK_FALSE(log.take(types::waking));
  CHECK(outcome_of(log.next()) == "FINAL");
  CHECK_FALSE(log.next());
}

TEST_CASE("a log with a cap forgets the oldest", "[actors][pathway_log]") {
  pathway_log log{scope::all, 3};
  for (int64_t i = 0; i < 10; ++i)
    CHECK_FALSE(log.append(thought(i))->missed);
  size_t count = 0;
  log.replay(types::all, [&](const signal&) { ++count; });
  CHECK(count == 3);
  for (int64_t i = 7; i < 10; ++i)
    CHECK(log.next()->get_if<payload::thought_delta>()->seq == i);
  CHECK_FALSE(log.next());
}

TEST_CASE("what a wait may come for is forgotten last",
          "[actors][pathway_log]") {
  pathway_log log{scope::all, 3};
  log.append(thought(0));
  log.append(make<payload::clarification>());
  for (int64_t i = 1; i < 10; ++i)
    log.append(thought(i));
  CHECK(outcome_of(log.next()) == "CLARIFICATION");
  CHECK(outcome_of(log.take(types::waking)) == "CLARIFICATION");
  CHECK_FALSE(log.take(types::waking));
  // Taken, it is like any other.
  log.append(thought(10));
  log.append(thought(11));
  CHECK(log.take({signal_type::THOUGHT_DELTA})
          ->get_if<payload::thought_delta>()
          ->seq
        == 9);
}

TEST_CASE("of replies alone the oldest is forgotten", "[actors][pathway_log]") {
  pathway_log log{scope::all, 2};
  for (int i = 0; i < 5; ++i)
    log.append(make<payload::agent_output>());
  CHECK(log.take(types::waking));
  CHECK(log.take(types::waking));
  CHECK_FALSE(log.take(types::waking));
}

TEST_CASE("an iteration misses what is forgotten before it comes there",
          "[actors][pathway_log]") {
  pathway_log log{scope::all, 2};
  CHECK_FALSE(log.next());
  log.append(thought(0));
  CHECK(log.next());
  log.append(thought(1));
  // Forgotten, but read.
  CHECK_FALSE(log.append(thought(2))->missed);
  auto missed = log.append(thought(3))->missed;
  REQUIRE(missed);
  CHECK(missed->get_if<payload::thought_delta>()->seq == 1);
  CHECK(log.next()->get_if<payload::thought_delta>()->seq == 2);
  CHECK(log.next()->get_if<payload::thought_delta>()->seq == 3);
  CHECK_FALSE(log.next());
}

TEST_CASE("a log with the smallest cap still serves who is there",
          "[actors][pathway_log]") {
  pathway_log log{scope::all, 1};
  for (int64_t i = 0; i < 5; ++i) {
    log.append(thought(i));
    CHECK(log.next()->get_if<payload::thought_delta>()->seq == i);
  }
  log.append(make<payload::final_>());
  log.take_newest();
  CHECK(outcome_of(log.next()) == "FINAL");
}

TEST_CASE("a cap is a positive number", "[actors][pathway_log]") {
  CHECK(*read_replay_cap(1) == 1);
  CHECK(*read_replay_cap({}) == no_replay_cap);
  CHECK(outcome_of(read_replay_cap(0)) == "bad_argument");
}

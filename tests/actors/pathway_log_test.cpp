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

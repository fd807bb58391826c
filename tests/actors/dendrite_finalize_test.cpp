// SPDX-License-Identifier: Apache-2.0
#include "support/bed.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

namespace {

struct finalize_fixture : bed {
  dendrite from = orchestrator();
  dendrite host
    = serving({{.neuron_id = "a", .neuron = echo(), .capabilities = {"x"}}});

  dendrite returning(const char* id, const char* result) {
    return serving(
      id, [result](const json&, const json&) { return json::parse(result); });
  }
};

} // namespace

TEST_CASE_METHOD(finalize_fixture, "scope terminal makes the worker finalise",
                 "[actors][dendrite_finalize]") {
  auto options = GENERATE(dispatch_options{.neuron = "a"},
                          dispatch_options{.capabilities = {"x"}});
  options.input = {{"n", 1}};
  options.scope = scope::terminal;
  auto reply = from.dispatch_and_wait(options);
  REQUIRE(outcome_of(reply) == "FINAL");
  CHECK(reply->output() == json{{"echo", {{"n", 1}}}});
  CHECK(reply->directed() == directed::to("a"));
  auto output = traffic(signal_type::AGENT_OUTPUT).at(0);
  CHECK(reply->parent_id() == output.id());
  CHECK(reply->trace_id() == output.trace_id());
  CHECK(story(reply->trace_id()) == "TASK AGENT_OUTPUT FINAL");
}

TEST_CASE_METHOD(finalize_fixture, "by default nothing is finalised",
                 "[actors][dendrite_finalize]") {
  auto p = from.dispatch({.neuron = "a"});
  REQUIRE(p);
  CHECK(outcome_of(p->wait(1s)) == "AGENT_OUTPUT");
  CHECK(outcome_of(p->wait_for(signal_type::FINAL, 300ms)) == "timeout");
  CHECK_FALSE(p->closed());
}

TEST_CASE_METHOD(finalize_fixture, "finalize and scope are chosen separately",
                 "[actors][dendrite_finalize]") {
  auto p = from.dispatch({.neuron = "a", .finalize = true});
  REQUIRE(p);
  std::string seen;
  for (auto& sig : *p)
    seen += outcome_of(sig) + ' ';
  CHECK(seen == "AGENT_OUTPUT FINAL ");
  CHECK(outcome_of(from.dispatch_and_wait(
          {.neuron = "a", .scope = scope::terminal, .finalize = false}))
        == "timeout");
}

TEST_CASE_METHOD(finalize_fixture, "finalize is written only when it is true",
                 "[actors][dendrite_finalize]") {
  auto yes = from.dispatch_task({.neuron = "a", .finalize = true});
  auto no = from.dispatch_task({.neuron = "a", .finalize = false});
  auto by_default = from.dispatch_task({.neuron = "a"});
  REQUIRE((yes && no && by_default));
  CHECK(yes->payload()["finalize"] == true);
  CHECK_FALSE(no->payload().contains("finalize"));
  CHECK_FALSE(by_default->payload().contains("finalize"));
}

TEST_CASE_METHOD(finalize_fixture, "only an AGENT_OUTPUT is promoted",
                 "[actors][dendrite_finalize]") {
  SECTION("ERROR ends the wait by itself") {
    auto other = returning("b", R"({"__error__":true})");
    auto reply
      = from.dispatch_and_wait({.neuron = "b", .scope = scope::terminal});
    REQUIRE(outcome_of(reply) == "ERROR NEURON_ERROR");
    CHECK(story(reply->trace_id()) == "TASK ERROR NEURON_ERROR");
  }
  SECTION("CLARIFICATION is shown and the wait goes on") {
    auto other = returning("b", R"({"__clarification__":true})");
    auto p = from.dispatch({.neuron = "b", .scope = scope::terminal});
    REQUIRE(p);
    CHECK(outcome_of(p->wait(1s)) == "CLARIFICATION");
    CHECK(outcome_of(p->wait(1s)) == "timeout");
    CHECK(outcome_of(
            from.dispatch_and_wait({.neuron = "b", .scope = scope::terminal}))
          == "timeout");
    CHECK(traffic(signal_type::FINAL).empty());
  }
  SECTION("PERMISSION likewise") {
    auto other = returning("b", R"({"__permission__":true})");
    CHECK(outcome_of(
            from.dispatch_and_wait({.neuron = "b", .scope = scope::terminal}))
          == "timeout");
    CHECK(traffic(signal_type::FINAL).empty());
  }
}

TEST_CASE_METHOD(finalize_fixture, "a wrapped value is the result as it is",
                 "[actors][dendrite_finalize]") {
  auto other = returning("b", "7");
  auto reply
    = from.dispatch_and_wait({.neuron = "b", .scope = scope::terminal});
  REQUIRE(outcome_of(reply) == "FINAL");
  CHECK(reply->output() == json{{"value", 7}});
}

// SPDX-License-Identifier: Apache-2.0
#include "handler_table.hpp"

#include <cosmo/signal_builder.hpp>
#include <cosmo/testing/simulation.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <vector>

using namespace cosmo;
using actors::handler_table;

namespace {

using numbers = std::vector<uint64_t>;

struct fixture {
  testing::simulation sim;
  signal_builder build = sim.build();
  handler_table table;

  uint64_t add(signal_type type, handler_filter only = {}) {
    return table.add({{type}, std::move(only), [](const signal&) {}});
  }

  template <class P>
  signal make(P payload, std::string neuron = {}, std::string trace = {}) {
    envelope_options about;
    if (!neuron.empty())
      about.directed = directed::to(neuron);
    if (!trace.empty())
      about.trace_id = trace;
    return build.make(std::move(payload), std::move(about));
  }

  static numbers in(const handler_table::handlers& xs) {
    numbers result;
    for (auto& x : xs)
      result.push_back(x->number);
    return result;
  }

  numbers matched(const signal& sig) {
    return in(table.select(sig).matched);
  }

  numbers undecided(const signal& sig) {
    return in(table.select(sig).undecided);
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "a handler sees the types it asked for",
                 "[actors][handler_table]") {
  auto plans = add(signal_type::PLAN);
  auto both = table.add(
    {{signal_type::PLAN, signal_type::FINAL}, {}, [](const signal&) {}});
  CHECK(matched(make(payload::plan{})) == numbers{plans, both});
  CHECK(matched(make(payload::final_{})) == numbers{both});
  CHECK(matched(make(payload::critique{})).empty());
  CHECK(table.types()
        == signal_type_set{signal_type::PLAN, signal_type::FINAL});
}

TEST_CASE_METHOD(fixture, "matching handlers come in order of registration",
                 "[actors][handler_table]") {
  auto first = add(signal_type::PLAN, {.trace_id = "trc_1"});
  auto second = add(signal_type::PLAN);
  auto third = add(signal_type::PLAN, {.neuron = "n"});
  auto fourth = add(signal_type::PLAN, {.neuron = "n", .trace_id = "trc_1"});
  CHECK(matched(make(payload::plan{}, "n", "trc_1"))
        == numbers{first, second, third, fourth});
}

TEST_CASE_METHOD(fixture, "all filters of a handler must hold",
                 "[actors][handler_table]") {
  auto strict = add(signal_type::PLAN, {.neuron = "n", .trace_id = "trc_1"});
  CHECK(matched(make(payload::plan{}, "n", "trc_1")) == numbers{strict});
  CHECK(matched(make(payload::plan{}, "m", "trc_1")).empty());
  CHECK(matched(make(payload::plan{}, "n", "trc_2")).empty());
  CHECK(matched(make(payload::plan{}, {}, "trc_1")).empty());
}

TEST_CASE_METHOD(fixture, "a removed handler is gone, and with it its types",
                 "[actors][handler_table]") {
  for (auto& only : {handler_filter{}, handler_filter{.neuron = "n"},
                     handler_filter{.capability = "c"},
                     handler_filter{.trace_id = "trc_1"}}) {
    auto number = add(signal_type::PLAN, only);
    CHECK(table.watches(signal_type::PLAN));
    table.remove(number);
    table.remove(number);
    CHECK_FALSE(table.watches(signal_type::PLAN));
    CHECK(table.types().empty());
    CHECK(matched(make(payload::plan{}, "n", "trc_1")).empty());
  }
}

TEST_CASE_METHOD(fixture, "watching by default counts as no interest in a type",
                 "[actors][handler_table]") {
  table.add({types::all, {.trace_id = "trc_1"}, [](const signal&) {}, true});
  CHECK_FALSE(table.watches(signal_type::TASK_OFFER));
  CHECK(table.types() == types::all);
}

TEST_CASE_METHOD(fixture,
                 "an offer that asks for nothing passes any capability",
                 "[actors][handler_table]") {
  auto echo = add(signal_type::TASK_OFFER, {.capability = "echo"});
  payload::task_offer offer;
  CHECK(matched(make(offer)) == numbers{echo});
  offer.capabilities = {"chat", "echo", "echo"};
  CHECK(matched(make(offer)) == numbers{echo});
  offer.capabilities = {"chat"};
  CHECK(matched(make(offer)).empty());
  CHECK(undecided(make(offer)).empty());
}

TEST_CASE_METHOD(fixture,
                 "a TASK without addressee is judged by what it asks for",
                 "[actors][handler_table]") {
  auto echo = add(signal_type::TASK, {.capability = "echo"});
  payload::task task;
  task.capabilities = {"echo"};
  CHECK(matched(make(task)) == numbers{echo});
  task.capabilities = {};
  CHECK(matched(make(task)).empty());
  // With one it is for the addressee's capabilities to say.
  CHECK(undecided(make(task, "n")) == numbers{echo});
}

TEST_CASE_METHOD(fixture, "a DISCOVER is judged by its payload",
                 "[actors][handler_table]") {
  auto by_id = add(signal_type::DISCOVER, {.neuron = "n"});
  auto by_capability = add(signal_type::DISCOVER, {.capability = "echo"});
  CHECK(matched(make(payload::discover{})).empty());
  CHECK(matched(make(payload::discover{.neuron = "n"})) == numbers{by_id});
  CHECK(matched(make(
          payload::discover{.capabilities = std::vector<std::string>{"echo"}}))
        == numbers{by_capability});
}

TEST_CASE_METHOD(fixture, "what a Neuron offers decides about everything else",
                 "[actors][handler_table]") {
  auto echo = add(signal_type::AGENT_OUTPUT, {.capability = "echo"});
  auto chat = add(signal_type::AGENT_OUTPUT, {.capability = "chat"});
  auto output = make(payload::agent_output{}, "n");
  CHECK(matched(output).empty());
  CHECK(undecided(output) == numbers{echo, chat});
  CHECK(undecided(make(payload::agent_output{})).empty());
  auto [matched, undecided] = table.select(output);
  CHECK(handler_table::wants(*undecided[0], {"a", "echo"}));
  CHECK_FALSE(handler_table::wants(*undecided[1], {"a", "echo"}));
}

TEST_CASE_METHOD(fixture, "many traces leave nothing behind",
                 "[actors][handler_table]") {
  for (int i = 0; i < 1'000; ++i)
    table.remove(
      add(signal_type::PLAN, {.trace_id = "trc_" + std::to_string(i)}));
  CHECK(table.types().empty());
}

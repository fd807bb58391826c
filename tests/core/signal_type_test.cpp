// SPDX-License-Identifier: Apache-2.0
#include <cosmo/payload.hpp>
#include <cosmo/signal.hpp>
#include <cosmo/signal_type.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>

using namespace cosmo;
using enum signal_type;

TEST_CASE("there are 32 types and each one's text reads back",
          "[core][signal_type]") {
  for (size_t i = 0; i < signal_type_count; ++i) {
    const auto type = static_cast<signal_type>(i);
    CHECK(parse_signal_type(to_string(type)) == type);
    signal_type out{};
    CHECK(from_integer(static_cast<uint8_t>(i), out));
    CHECK(out == type);
  }
  signal_type out{};
  CHECK_FALSE(from_integer(32, out));
  CHECK_FALSE(parse_signal_type("task"));
  CHECK_FALSE(parse_signal_type("EFFECTOR_CALL"));
  CHECK_FALSE(parse_signal_type(""));
}

TEST_CASE("types are enumerated in the protocol's order",
          "[core][signal_type]") {
  constexpr std::string_view order
    = "TASK AGENT_OUTPUT FINAL ERROR TASK_OFFER BID TASK_AWARDED TASK_DECLINED "
      "THOUGHT_DELTA PLAN TOOL_CALL TOOL_RESULT MEMORY_APPEND ESCALATION "
      "RECALL "
      "RECALLED IMPRINT IMPRINTED CONSENSUS CONTEXT_SYNC CRITIQUE "
      "CLARIFICATION "
      "PERMISSION PERMISSION_DECISION CLARIFICATION_ANSWER REGISTER DEREGISTER "
      "HEARTBEAT DISCOVER STOP STOPPED AUDIT ";
  std::string text;
  for (size_t i = 0; i < signal_type_count; ++i) {
    text += to_string(static_cast<signal_type>(i));
    text += ' ';
  }
  CHECK(text == order);
}

TEST_CASE("seven types describe or answer for an Axon", "[core][signal_type]") {
  CHECK(types::axon
        == signal_type_set{AGENT_OUTPUT, CLARIFICATION, PERMISSION, ERROR,
                           REGISTER, DEREGISTER, HEARTBEAT});
  CHECK(types::axon.size() == 7);
  for (auto type : {TASK, FINAL, TASK_OFFER, BID, MEMORY_APPEND})
    CHECK_FALSE(types::axon.contains(type));
}

TEST_CASE("26 types may be emitted, and only ERROR is in both sets",
          "[core][signal_type]") {
  CHECK(types::synapse
        == signal_type_set{TASK,
                           FINAL,
                           ERROR,
                           TASK_OFFER,
                           BID,
                           TASK_AWARDED,
                           TASK_DECLINED,
                           THOUGHT_DELTA,
                           PLAN,
                           TOOL_CALL,
                           TOOL_RESULT,
                           MEMORY_APPEND,
                           ESCALATION,
                           CONSENSUS,
                           CONTEXT_SYNC,
                           CRITIQUE,
                           DISCOVER,
                           PERMISSION_DECISION,
                           CLARIFICATION_ANSWER,
                           RECALL,
                           RECALLED,
                           IMPRINT,
                           IMPRINTED,
                           STOP,
                           STOPPED,
                           AUDIT});
  CHECK(types::synapse.size() == 26);
  CHECK((types::axon | types::synapse) == types::all);
  CHECK(types::synapse - types::axon
        == types::synapse - signal_type_set{ERROR});
  CHECK(types::gated_for_workers == types::synapse);
}

TEST_CASE("what workers may send excludes orders", "[core][signal_type]") {
  CHECK(types::all - worker_signal::types
        == (orchestrator_signal::types
            | signal_type_set{PLAN, MEMORY_APPEND, CONSENSUS, CONTEXT_SYNC,
                              CRITIQUE}));
  CHECK(
    orchestrator_signal::types
    == signal_type_set{TASK, TASK_OFFER, TASK_AWARDED, TASK_DECLINED, STOP});
  CHECK(axon_reply::types
        == signal_type_set{AGENT_OUTPUT, CLARIFICATION, PERMISSION, ERROR});
}

TEST_CASE("sets for Pathways are those of the protocol",
          "[core][signal_type]") {
  CHECK(types::closing == signal_type_set{FINAL, ERROR});
  CHECK(
    types::waking
    == signal_type_set{AGENT_OUTPUT, CLARIFICATION, PERMISSION, ERROR, FINAL});
  CHECK(types::terminal_scope
        == signal_type_set{FINAL, ERROR, CLARIFICATION, PERMISSION});
  CHECK(types::all - types::pathway
        == signal_type_set{TASK, REGISTER, DEREGISTER, HEARTBEAT, DISCOVER});
}

TEST_CASE("sets keep what was put into them", "[core][signal_type]") {
  signal_type_set set;
  CHECK(set.empty());
  set.insert(AUDIT);
  set.insert(TASK);
  CHECK(set.size() == 2);
  CHECK(set.contains(AUDIT));
  CHECK_FALSE(set.contains(BID));
  CHECK(signal_type_set::from_bits(set.bits()) == set);
}

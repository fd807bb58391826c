// SPDX-License-Identifier: Apache-2.0
#include "support/bed.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace cosmo;
using namespace cosmo::test;

namespace {

struct emitters_fixture : bed {
  dendrite from = orchestrator();
  emit_options about{.trace_id = "trc_1", .parent_id = "evt_1"};

  /// Type and payload of what came over the bus.
  std::string said(const caf::expected<signal>& emitted) {
    sim.run();
    REQUIRE(emitted);
    REQUIRE(!traffic().empty());
    auto& sig = traffic().back();
    CHECK(sig.id() == emitted->id());
    CHECK(sig.trace_id() == "trc_1");
    CHECK(sig.parent_id() == "evt_1");
    CHECK(sig.directed_id() == about.neuron.value_or("orchestrator"));
    return std::string{to_string(sig.type())} + " " + sig.payload().dump();
  }
};

} // namespace

TEST_CASE_METHOD(emitters_fixture, "each emitter says exactly what it was told",
                 "[actors][dendrite_emitters]") {
  CHECK(said(from.emit_final({.result = {{"a", 1}}}, about))
        == R"(FINAL {"result":{"a":1}})");
  CHECK(said(from.emit_error({.code = "c", .message = "m"}, about))
        == R"(ERROR {"code":"c","message":"m","recoverable":false})");
  CHECK(said(from.emit_plan({.steps = {"x"}}, about))
        == R"(PLAN {"steps":["x"]})");
  CHECK(said(from.emit_plan({.steps = {"x"}, .rationale = "r"}, about))
        == R"(PLAN {"steps":["x"],"rationale":"r"})");
  CHECK(said(from.emit_thought_delta({.delta = "hm"}, about))
        == R"(THOUGHT_DELTA {"delta":"hm"})");
  CHECK(said(from.emit_thought_delta({.delta = "hm", .seq = 3}, about))
        == R"(THOUGHT_DELTA {"delta":"hm","seq":3})");
  CHECK(said(from.emit_tool_call({.tool = "t", .args = {{"q", 1}}}, about))
        == R"(TOOL_CALL {"tool":"t","args":{"q":1},"tool_name":"t"})");
  CHECK(said(from.emit_tool_result({.tool = "t", .result = json(5)}, about))
        == R"(TOOL_RESULT {"tool":"t","result":5,"tool_name":"t"})");
  CHECK(said(from.emit_memory_append({.key = "k", .value = 1}, about))
        == R"(MEMORY_APPEND {"key":"k","value":1})");
  CHECK(said(from.emit_critique(
          {.target_event_id = "evt_2", .issues = {"i"}, .verdict = "revise"},
          about))
        == R"(CRITIQUE {"target_event_id":"evt_2","issues":["i"],)"
           R"("verdict":"revise"})");
  CHECK(said(from.emit_escalation({.reason = "r", .target = "x"}, about))
        == R"(ESCALATION {"reason":"r","target":"x"})");
  CHECK(
    said(from.emit_consensus({.members = {"a", "b"}, .verdict = "v"}, about))
    == R"(CONSENSUS {"members":["a","b"],"verdict":"v"})");
  CHECK(said(from.emit_context_sync({.snapshot = {{"s", 1}}}, about))
        == R"(CONTEXT_SYNC {"snapshot":{"s":1}})");
}

TEST_CASE_METHOD(emitters_fixture, "an emitter writes the optional when given",
                 "[actors][dendrite_emitters]") {
  CHECK(said(from.emit_tool_call({.tool = "t", .call_id = "call_1"}, about))
        == R"(TOOL_CALL {"tool":"t","args":{},"call_id":"call_1",)"
           R"("tool_name":"t"})");
  CHECK(said(from.emit_tool_result(
          {.tool = "t", .error = "broken", .call_id = "call_1"}, about))
        == R"(TOOL_RESULT {"tool":"t","error":"broken","call_id":"call_1",)"
           R"("tool_name":"t"})");
  CHECK(said(from.emit_escalation(
          {.reason = "r", .context = json{{"tries", 3}}}, about))
        == R"(ESCALATION {"reason":"r","context":{"tries":3}})");
  CHECK(
    said(from.emit_consensus(
      {.members = {"a"}, .verdict = "v", .votes = json{{"a", "yes"}}}, about))
    == R"(CONSENSUS {"members":["a"],"verdict":"v","votes":{"a":"yes"}})");
  CHECK(said(from.emit_context_sync({.snapshot = {{"s", 1}}, .version = "7"},
                                    about))
        == R"(CONTEXT_SYNC {"snapshot":{"s":1},"version":"7"})");
}

TEST_CASE_METHOD(emitters_fixture, "an emitter may speak for a Neuron",
                 "[actors][dendrite_emitters]") {
  about.neuron = "n";
  CHECK(said(from.emit_critique({}, about)).starts_with("CRITIQUE"));
}

TEST_CASE_METHOD(emitters_fixture,
                 "without a Neuron an emitter speaks for itself",
                 "[actors][dendrite_emitters]") {
  about.neuron = "";
  auto emitted = from.emit_final({.result = 1}, about);
  REQUIRE(emitted);
  CHECK(emitted->directed_id() == "orchestrator");
}

TEST_CASE_METHOD(emitters_fixture, "a tool's result names the call it answers",
                 "[actors][dendrite_emitters]") {
  auto tools = orchestrator("tools");
  REQUIRE(!from.start());
  REQUIRE(!tools.start());
  REQUIRE(tools.on_tool_call([&](const signal_of<payload::tool_call>& call) {
    auto& asked = call.data();
    CHECK(tools.emit_tool_result(
      {.tool = asked.tool, .result = asked.args, .call_id = asked.call_id},
      {.trace_id = call.trace_id(), .parent_id = call.id()}));
  }));
  std::vector<signal_of<payload::tool_result>> results;
  REQUIRE(from.on_tool_result(
    [&](const signal_of<payload::tool_result>& x) { results.push_back(x); }));
  std::vector<signal> calls;
  for (std::string id : {"call_1", "call_2"}) {
    auto call = from.emit_tool_call(
      {.tool = "echo", .args = {{"for", id}}, .call_id = id}, about);
    REQUIRE(call);
    calls.push_back(*call);
  }
  sim.run();
  REQUIRE(results.size() == 2);
  for (size_t i : {0, 1}) {
    CHECK(results[i].trace_id() == about.trace_id);
    CHECK(results[i].parent_id() == calls[i].id());
    auto& data = results[i].data();
    CHECK(data.call_id == "call_" + std::to_string(i + 1));
    CHECK(data.result == json{{"for", data.call_id.value_or("")}});
  }
}

TEST_CASE_METHOD(emitters_fixture, "an emitter needs a trace and a parent",
                 "[actors][dendrite_emitters]") {
  CHECK(outcome_of(from.emit_plan({}, {.parent_id = "evt_1"}))
        == "bad_trace_id");
  CHECK(outcome_of(from.emit_plan({}, {.trace_id = "trc_1"}))
        == "bad_parent_id");
  about.meta = 7;
  CHECK(outcome_of(from.emit_plan({}, about)) == "bad_argument");
  sim.run();
  CHECK(traffic().empty());
}

TEST_CASE_METHOD(emitters_fixture, "a tool result is a result or an error",
                 "[actors][dendrite_emitters]") {
  CHECK(outcome_of(from.emit_tool_result(
          {.tool = "t", .result = json(1), .error = "e"}, about))
        == "bad_argument");
}

TEST_CASE_METHOD(emitters_fixture, "a worker may not use any emitter",
                 "[actors][dendrite_emitters]") {
  auto host = worker();
  // The role comes first: these envelopes are wrong as well.
  CHECK(outcome_of(host.emit_final({}, {})) == "protocol_violation");
  CHECK(outcome_of(host.emit_error({}, {})) == "protocol_violation");
  CHECK(outcome_of(host.emit_plan({}, {})) == "protocol_violation");
  CHECK(outcome_of(host.emit_thought_delta({}, {})) == "protocol_violation");
  CHECK(outcome_of(host.emit_tool_call({}, {})) == "protocol_violation");
  CHECK(outcome_of(host.emit_tool_result({}, {})) == "protocol_violation");
  CHECK(outcome_of(host.emit_memory_append({}, {})) == "protocol_violation");
  CHECK(outcome_of(host.emit_critique({}, {})) == "protocol_violation");
  CHECK(outcome_of(host.emit_escalation({}, {})) == "protocol_violation");
  CHECK(outcome_of(host.emit_consensus({}, {})) == "protocol_violation");
  CHECK(outcome_of(host.emit_context_sync({}, {})) == "protocol_violation");
  sim.run();
  CHECK(traffic().empty());
}

TEST_CASE_METHOD(emitters_fixture,
                 "emit_error closes Pathways, the sender's too",
                 "[actors][dendrite_emitters]") {
  auto opened = from.dispatch({.neuron = "nobody"});
  REQUIRE(opened);
  about.trace_id = opened->trace_id();
  REQUIRE(from.emit_error({.code = "c"}, about));
  sim.run();
  CHECK(opened->closed());
}

// SPDX-License-Identifier: Apache-2.0
#include "codec_support.hpp"
#include <cosmo/signal_builder.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace cosmo;
using namespace cosmo::test;

namespace {

struct fixture {
  world outside = fixed_world();
  signal_builder build{outside};

  static envelope_options to(std::string_view id) {
    return {.directed = directed::to(id)};
  }

  static directed kind(std::string_view name) {
    directed result;
    result.type.emplace(name);
    return result;
  }

  template <class P>
  std::string payload_text(P payload, envelope_options options = {}) {
    const auto sig = build(std::move(payload), std::move(options));
    return sig ? *write_json(sig->signal::payload()) : name_of(sig);
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "a built TASK has fresh ids and the current time",
                 "[core][builder]") {
  const auto sig = build(payload::task{.input = {{"a", 1}}});
  REQUIRE(sig);
  CHECK(sig->type() == signal_type::TASK);
  CHECK(sig->v() == "1");
  CHECK(sig->data().input == json{{"a", 1}});
  CHECK(sig->id().starts_with("evt_"));
  CHECK(sig->id().size() == 30);
  CHECK(sig->trace_id().starts_with("trc_"));
  CHECK(sig->trace_id().size() == 30);
  CHECK_FALSE(sig->parent_id());
  CHECK_FALSE(sig->directed());
  CHECK(sig->ts() == start_time);
  CHECK(sig->meta() == json::object());
}

TEST_CASE_METHOD(fixture, "the envelope is as told", "[core][builder]") {
  const auto sig = build(payload::stop{}, {.trace_id = "trc_a",
                                           .parent_id = "evt_p",
                                           .directed = directed::to("x"),
                                           .meta = {{"ack", "always"}}});
  REQUIRE(sig);
  CHECK(sig->trace_id() == "trc_a");
  CHECK(sig->parent_id() == "evt_p");
  CHECK(sig->directed_id() == "x");
  CHECK(sig->meta() == json{{"ack", "always"}});
}

TEST_CASE_METHOD(fixture, "a wrong envelope is refused", "[core][builder]") {
  CHECK(name_of(build(payload::stop{}, {.trace_id = "bad"})) == "bad_trace_id");
  CHECK(name_of(build(payload::stop{}, {.parent_id = "bad"}))
        == "bad_parent_id");
  CHECK(name_of(build(payload::stop{}, {.meta = {1}})) != "ok");
}

TEST_CASE_METHOD(fixture, "a reply keeps the trace and names its parent",
                 "[core][builder]") {
  const auto task = build(
    payload::task{}, {.directed = directed::to("adder"), .meta = {{"seq", 1}}});
  REQUIRE(task);
  const auto reply = build.reply(*task, payload::agent_output{.output = {}});
  REQUIRE(reply);
  CHECK(reply->trace_id() == task->trace_id());
  CHECK(reply->parent_id() == task->id());
  CHECK(reply->id() != task->id());
  CHECK(reply->directed() == task->directed());
  CHECK(reply->meta() == json::object());
  SECTION("the address can be replaced") {
    const auto other
      = build.reply(*task, payload::bid{}, directed::to("b"), {{"m", 1}});
    REQUIRE(other);
    CHECK(other->directed_id() == "b");
    CHECK(other->meta() == json{{"m", 1}});
  }
  SECTION("an absent address stays absent") {
    const auto stop = build(payload::stop{});
    const auto answer = build.reply(*stop, payload::stopped{});
    REQUIRE(answer);
    CHECK_FALSE(answer->directed());
  }
}

TEST_CASE_METHOD(fixture, "payloads are written as the protocol lists them",
                 "[core][builder]") {
  using namespace payload;
  CHECK(payload_text(task{}) == R"({"input":{}})");
  CHECK(payload_text(task{.finalize = true})
        == R"({"input":{},"finalize":true})");
  CHECK(payload_text(clarification{.question = "q", .context = {{"c", 1}}})
        == R"({"question":"q","context":{"c":1}})");
  CHECK(payload_text(clarification{.question = "q", .context = json::object()})
        == R"({"question":"q"})");
  CHECK(payload_text(plan{.steps = {"a"}}) == R"({"steps":["a"]})");
  CHECK(payload_text(plan{.rationale = ""})
        == R"({"steps":[],"rationale":""})");
  CHECK(payload_text(task_offer{.deadline_ms = 0}) == R"({"input":{}})");
  CHECK(payload_text(bid{.cost = 0.0, .eta_ms = 0})
        == R"({"cost":0.0,"eta_ms":0})");
  CHECK(payload_text(final_{}) == R"({"result":null})");
  CHECK(payload_text(memory_append{.key = "k"})
        == R"({"key":"k","value":null})");
  CHECK(payload_text(clarification_answer{}) == R"({"answer":null})");
  CHECK(payload_text(discover{}) == "{}");
  CHECK(payload_text(discover{.capabilities = {{"x"}}})
        == R"({"capabilities":["x"]})");
  CHECK(payload_text(discover{.capabilities = {{}}})
        == R"({"capabilities":[]})");
  CHECK(payload_text(stop{.rollback = true, .reason = "r"})
        == R"({"rollback":true,"reason":"r"})");
  CHECK(payload_text(stopped{
          .rolled_back = true, .cancelled = 2, .compensated = 3, .node = "n"})
        == R"({"rolled_back":true,"cancelled":2,"compensated":3,"node":"n"})");
  CHECK(payload_text(heartbeat{}) == R"({"status":"ok"})");
  CHECK(payload_text(register_{.capabilities = {"x"}})
        == R"({"role":"neuron","capabilities":["x"]})");
  CHECK(
    payload_text(
      audit{.kind = "GUARDED", .domain = "eval", .outcome = "resent"})
    == R"({"kind":"GUARDED","domain":"eval","outcome":"resent","attempt":1})");
}

TEST_CASE_METHOD(fixture, "a REGISTER of an Engram carries the legacy alias",
                 "[core][builder]") {
  CHECK(payload_text(payload::register_{.role = "engram"})
        == R"({"role":"engram","capabilities":[],"engram":true})");
  CHECK(payload_text(payload::register_{.role = "effector", .engram = true})
        == R"({"role":"effector","capabilities":[]})");
}

TEST_CASE_METHOD(fixture, "a denial has no validity", "[core][builder]") {
  CHECK(payload_text(payload::permission_decision{
          .granted = false, .reason = "no", .ttl_ms = 5})
        == R"({"granted":false,"reason":"no"})");
  CHECK(payload_text(payload::permission_decision{.granted = true, .ttl_ms = 5})
        == R"({"granted":true,"ttl_ms":5})");
}

TEST_CASE_METHOD(fixture, "a TOOL_RESULT has a result or an error",
                 "[core][builder]") {
  using payload::tool_result;
  CHECK(payload_text(tool_result{.tool = "t", .result = 0})
        == R"({"tool":"t","result":0,"tool_name":"t"})");
  CHECK(payload_text(tool_result{.tool = "t", .result = false})
        == R"({"tool":"t","result":false,"tool_name":"t"})");
  CHECK(payload_text(tool_result{.tool = "t", .error = "e"})
        == R"({"tool":"t","error":"e","tool_name":"t"})");
  CHECK(payload_text(tool_result{.tool = "t", .result = json()})
        == R"({"tool":"t","tool_name":"t"})");
  CHECK(payload_text(tool_result{.tool = "t", .result = 1, .error = "e"})
        == "bad_argument");
}

TEST_CASE_METHOD(fixture, "a RECALL needs a target, then a known mode",
                 "[core][builder]") {
  using payload::recall;
  const recall odd{.recall_mode = "bogus"};
  CHECK(contains(text_of(build(odd)), "engram_id"));
  CHECK(contains(text_of(build(odd, to(""))), "engram_id"));
  CHECK(contains(text_of(build(odd, to("notes"))), "recall_mode"));
  CHECK(contains(text_of(build(odd, to("notes"))), "`bogus`"));
  CHECK(name_of(build(odd, to("notes"))) == "bad_argument");
  CHECK(name_of(build(recall{}, {.directed = kind("notes")})) == "ok");
  const auto mode = GENERATE("first", "merge", "all");
  const auto sig = build(recall{.recall_mode = mode}, to("notes"));
  REQUIRE(sig);
  CHECK(decode(*encode(*sig))->get_if<recall>()->recall_mode == mode);
}

TEST_CASE_METHOD(fixture, "an IMPRINT needs an op, a target, then a merge_key",
                 "[core][builder]") {
  using payload::imprint;
  CHECK(text_of(build(imprint{.op = "foo"})).starts_with("op "));
  CHECK(contains(text_of(build(imprint{.op = "merge"})), "engram_id"));
  CHECK(contains(text_of(build(imprint{.op = "merge"}, to("n"))), "merge_key"));
  CHECK(
    contains(text_of(build(imprint{.op = "upsert", .merge_key = ""}, to("n"))),
             "merge_key"));
  CHECK(name_of(build(imprint{.op = "merge", .merge_key = "k"}, to("n")))
        == "ok");
  for (auto op : {"add", "append", "delete"})
    CHECK(name_of(build(imprint{.op = op}, to("n"))) == "ok");
}

TEST_CASE_METHOD(fixture, "nothing else is refused", "[core][builder]") {
  CHECK(name_of(build(payload::final_{})) == "ok");
  CHECK(name_of(build(payload::error{})) == "ok");
  CHECK(name_of(build(payload::stopped{})) == "ok");
  CHECK(name_of(build(payload::critique{.verdict = "whatever"})) == "ok");
  CHECK(name_of(build(payload::register_{.role = "boss"})) == "ok");
}

TEST_CASE_METHOD(fixture, "hits of a RECALLED are kept", "[core][builder]") {
  const json hits{{{"id", "eng_1"}, {"entry", {{"c", 1}}}, {"score", 0.5}}};
  const auto sig = build(payload::recalled{.engram_id = "n", .hits = hits});
  REQUIRE(sig);
  const auto back = decode(*encode(*sig));
  REQUIRE(back);
  CHECK(back->get_if<payload::recalled>()->hits == hits);
}

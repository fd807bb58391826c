// SPDX-License-Identifier: Apache-2.0
#include "codec_support.hpp"
#include <cosmo/validate.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <algorithm>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

namespace {

std::string frame_with(std::string_view key, std::string_view value,
                       std::string_view type = "STOP") {
  json frame{{"v", "1"},
             {"id", "evt_01K3ZQ7Y8N4M2T6R0S5V9W1X3A"},
             {"trace_id", "trc_01K3ZQ7Y8NB7C5D3E1F9G0H2JK"},
             {"parent_id", nullptr},
             {"type", type},
             {"directed", nullptr},
             {"ts", "2026-08-31T09:15:02Z"},
             {"payload", {{"rollback", false}}},
             {"meta", json::object()}};
  if (!key.empty())
    frame[std::string{key}] = *parse_json(value);
  return *write_json(frame);
}

bool mentions(const std::vector<std::string>& texts, std::string_view part) {
  return std::any_of(texts.begin(), texts.end(),
                     [part](const auto& text) { return contains(text, part); });
}

} // namespace

TEST_CASE("a proper frame has neither errors nor warnings",
          "[core][validate]") {
  const auto result = validate_frame(frame_with("", ""));
  CHECK(result.ok());
  CHECK(result.errors.empty());
  CHECK(result.warnings.empty());
  CHECK(result.type == "STOP");
  CHECK(result.id == "evt_01K3ZQ7Y8N4M2T6R0S5V9W1X3A");
}

TEST_CASE("a frame that cannot be parsed has one error", "[core][validate]") {
  const auto text = GENERATE("{"s, ""s, "{}{}"s, "nul"s, nested(202));
  const auto result = validate_frame(text);
  REQUIRE(result.errors.size() == 1);
  CHECK(result.errors.front().starts_with("invalid JSON"));
}

TEST_CASE("a frame that is no object has one error", "[core][validate]") {
  const auto result = validate_frame("[1]");
  REQUIRE(result.errors.size() == 1);
  CHECK(result.errors.front().starts_with("not an object"));
}

TEST_CASE("each missing key is reported once", "[core][validate]") {
  const auto result = validate_frame("{}");
  CHECK(result.errors
        == std::vector<std::string>{"missing v", "missing id",
                                    "missing trace_id", "missing type",
                                    "missing ts"});
}

TEST_CASE("all errors of a frame are collected", "[core][validate]") {
  const auto result = validate_frame(
    R"({"v":"2","id":"x","trace_id":7,"parent_id":"p","type":"NOPE",)"
    R"("directed":{"id":1,"capabilities":["a",2,3]},"ts":null,"payload":null,)"
    R"("meta":[]})");
  CHECK(result.errors.size() == 11);
  CHECK(mentions(result.errors, "unsupported protocol version `2`"));
  CHECK(mentions(result.errors, "directed.capabilities[2]"));
}

TEST_CASE("ill-typed values are errors", "[core][validate]") {
  const auto [key, value] = GENERATE(table<std::string_view, std::string_view>(
    {{"v", "1"},
     {"v", "null"},
     {"v", "\"1-beta\""},
     {"id", "null"},
     {"id", "\"bad\""},
     {"trace_id", "\"evt_1\""},
     {"parent_id", "0"},
     {"parent_id", "\"x\""},
     {"type", "null"},
     {"type", "\"stop\""},
     {"ts", "null"},
     {"ts", "true"},
     {"ts", "\"soon\""},
     {"ts", "1e300"},
     {"payload", "null"},
     {"payload", "[]"},
     {"meta", "null"},
     {"meta", "\"\""},
     {"directed", "[]"},
     {"directed", "{\"id\":1}"},
     {"directed", "{\"type\":{}}"},
     {"directed", "{\"capabilities\":null}"}}));
  CAPTURE(key, value);
  const auto result = validate_frame(frame_with(key, value));
  REQUIRE(result.errors.size() == 1);
  CHECK(result.errors.front().starts_with(key));
}

TEST_CASE("minor versions and open objects are fine", "[core][validate]") {
  CHECK(validate_frame(frame_with("v", "\"1.7\"")).ok());
  CHECK(validate_frame(frame_with("other", "{}")).ok());
  CHECK(validate_frame(frame_with("directed", "{\"zone\":1}")).ok());
  CHECK(validate_frame(frame_with("parent_id", "null")).ok());
}

TEST_CASE("what should not be sent is a warning", "[core][validate]") {
  auto warns = [](const std::string& frame, std::string_view part) {
    const auto result = validate_frame(frame);
    CAPTURE(frame);
    CHECK(result.ok());
    return mentions(result.warnings, part);
  };
  CHECK(warns(frame_with("", "", "TASK"), "payload.input is missing"));
  for (auto type : {"AGENT_OUTPUT", "REGISTER", "HEARTBEAT", "DEREGISTER"})
    CHECK(warns(frame_with("", "", type),
                std::string{type} + " without directed.id"));
  CHECK(warns(frame_with("directed", R"({"id":""})", "HEARTBEAT"),
              "HEARTBEAT without directed.id"));
  CHECK_FALSE(
    warns(frame_with("directed", R"({"id":"a"})", "HEARTBEAT"), "directed.id"));
  CHECK(
    warns(frame_with("payload", R"({"rollback":"yes"})"), "payload.rollback"));
  CHECK(warns(frame_with("payload", R"({"input":3})", "TASK"),
              "payload.input: expected an object"));
  CHECK(warns(
    frame_with("payload", R"({"role":"boss","capabilities":[]})", "REGISTER"),
    "payload.role"));
  CHECK(warns(frame_with("neuron", "\"adder\""), "neuron: obsolete"));
  CHECK(
    warns(frame_with("payload", R"({"query":{},"engram_id":"n"})", "RECALL"),
          "payload.engram_id: obsolete"));
  CHECK(warns(frame_with("id", "\"evt_1\""), "id: not canonical"));
  CHECK(
    warns(frame_with("trace_id", "\"trc_abc\""), "trace_id: not canonical"));
  CHECK(
    warns(frame_with("parent_id", "\"evt_x\""), "parent_id: not canonical"));
  CHECK(warns(frame_with("ts", "\"2026-08-31T09:15:02+02:00\""), "ts: "));
  CHECK(warns(frame_with("ts", "\"2026-08-31\""), "ts: "));
  CHECK(warns(frame_with("ts", "1700000000"), "ts: "));
}

TEST_CASE("letters outside Crockford's alphabet are canonical enough",
          "[core][validate]") {
  CHECK(validate_frame(frame_with("id", "\"evt_ILOU0000000000000000000000\""))
          .warnings.empty());
}

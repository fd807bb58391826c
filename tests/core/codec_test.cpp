// SPDX-License-Identifier: Apache-2.0
#include "codec_support.hpp"
#include <cosmo/codec.hpp>
#include <cosmo/limits.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

namespace {

constexpr std::string_view full
  = R"({"v":"1","id":"evt_01K3ZQ7Y8N4M2T6R0S5V9W1X3A",)"
    R"("trace_id":"trc_01K3ZQ7Y8NB7C5D3E1F9G0H2JK","parent_id":null,)"
    R"("type":"TASK","directed":{"id":"adder","type":null,"capabilities":[]},)"
    R"("ts":"2026-08-31T09:15:02.004170Z","payload":{"input":{"a":1,"b":2}},)"
    R"("meta":{}})";

std::string reencode(std::string_view frame) {
  const auto sig = decode(frame);
  if (!sig)
    return describe(sig.error());
  const auto text = encode(*sig);
  return text ? *text : describe(text.error());
}

header plain_header() {
  header result;
  result.id = "evt_1";
  result.trace_id = "trc_1";
  result.ts = start_time;
  return result;
}

} // namespace

TEST_CASE("decode reads all nine keys", "[core][codec]") {
  const auto sig = decode(
    R"({"v":"1.3","id":"evt_a","trace_id":"trc_b","parent_id":"evt_c",)"
    R"("type":"BID","directed":{"id":"i","type":"t","capabilities":["x","y"]},)"
    R"("ts":"2026-01-02T03:04:05.000006Z","payload":{"cost":1},)"
    R"("meta":{"m":[1]}})");
  REQUIRE(sig);
  CHECK(sig->v() == "1.3");
  CHECK(sig->id() == "evt_a");
  CHECK(sig->trace_id() == "trc_b");
  CHECK(sig->parent_id() == "evt_c");
  CHECK(sig->type() == signal_type::BID);
  REQUIRE(sig->directed());
  CHECK(sig->directed()->id == "i");
  CHECK(sig->directed()->type == "t");
  CHECK(sig->directed()->capabilities == std::vector<std::string>{"x", "y"});
  CHECK(to_string(sig->ts()) == "2026-01-02T03:04:05.000006Z");
  CHECK(sig->payload() == json{{"cost", 1}});
  CHECK(sig->meta() == json{{"m", {1}}});
}

TEST_CASE("a frame survives decode and encode byte by byte", "[core][codec]") {
  CHECK(reencode(full) == full);
}

TEST_CASE("keys may come in any order and are written in wire order",
          "[core][codec]") {
  CHECK(reencode(
          R"( {"meta":{}, "payload":{"input":{"a":1,"b":2}},
               "ts":"2026-08-31T09:15:02.004170Z", "type":"TASK",
               "directed":{"capabilities":[],"id":"adder"},
               "trace_id":"trc_01K3ZQ7Y8NB7C5D3E1F9G0H2JK",
               "id":"evt_01K3ZQ7Y8N4M2T6R0S5V9W1X3A"} )")
        == full);
}

TEST_CASE("only type is required", "[core][codec]") {
  const auto sig = decode(R"({"type":"STOP"})");
  REQUIRE(sig);
  CHECK(sig->v() == "1");
  CHECK(sig->id().starts_with("evt_"));
  CHECK(sig->id().size() == 30);
  CHECK(sig->trace_id().starts_with("trc_"));
  CHECK(sig->trace_id().size() == 30);
  CHECK_FALSE(sig->parent_id());
  CHECK_FALSE(sig->directed());
  CHECK(sig->ts() == start_time);
  CHECK(sig->payload() == json::object());
  CHECK(sig->meta() == json::object());
  CHECK(outcome("{}") == "missing_type");
  CHECK(outcome(R"({"id":"evt_1","payload":{}})") == "missing_type");
}

TEST_CASE("absent ids are fresh each time", "[core][codec]") {
  const auto outside = fixed_world();
  const auto one = cosmo::decode(R"({"type":"STOP"})", outside);
  const auto two = cosmo::decode(R"({"type":"STOP"})", outside);
  REQUIRE((one && two));
  CHECK(one->id() != two->id());
  CHECK(one->trace_id() != two->trace_id());
}

TEST_CASE("the top-level value must be an object", "[core][codec]") {
  const auto text = GENERATE("[]"sv, "null"sv, "1"sv, "\"TASK\""sv, " true "sv,
                             R"([{"type":"TASK"}])"sv);
  CHECK(outcome(text) == "not_an_object");
  CHECK(outcome("[") == "malformed_json");
  CHECK(outcome("") == "malformed_json");
  CHECK(outcome("x") == "malformed_json");
}

TEST_CASE("present values must have the right type", "[core][codec]") {
  const auto member = GENERATE(
    R"("v":1)"sv, R"("v":null)"sv, R"("id":null)"sv, R"("id":7)"sv,
    R"("trace_id":null)"sv, R"("trace_id":["trc_1"])"sv, R"("parent_id":1)"sv,
    R"("parent_id":{})"sv, R"("ts":null)"sv, R"("ts":true)"sv, R"("ts":{})"sv,
    R"("ts":[])"sv, R"("payload":null)"sv, R"("payload":[])"sv,
    R"("payload":"{}")"sv, R"("meta":null)"sv, R"("meta":[])"sv,
    R"("meta":0)"sv, R"("directed":[])"sv, R"("directed":"adder")"sv,
    R"("directed":false)"sv, R"("directed":{"id":1})"sv,
    R"("directed":{"type":[]})"sv, R"("directed":{"capabilities":null})"sv,
    R"("directed":{"capabilities":"x"})"sv,
    R"("directed":{"capabilities":["x",1]})"sv,
    R"("directed":{"capabilities":[null]})"sv);
  CAPTURE(member);
  CHECK(outcome(task_with(member)) == "bad_field_type");
  CHECK(outcome(R"({"type":null})") == "bad_field_type");
  CHECK(outcome(R"({"type":["TASK"]})") == "bad_field_type");
}

TEST_CASE("null is legal where nothing may be meant", "[core][codec]") {
  const auto member
    = GENERATE(R"("parent_id":null)"sv, R"("directed":null)"sv,
               R"("directed":{"id":null,"type":null,"capabilities":[]})"sv);
  CHECK(outcome(task_with(member)) == "ok");
}

TEST_CASE("texts of errors name path and value", "[core][codec]") {
  CHECK(
    text_of(decode(task_with(R"("directed":{"capabilities":["a",{"b":1}]})")))
    == "directed.capabilities[1]: expected a string, found `{\"b\":1}`");
  CHECK(contains(text_of(decode(task_with(R"("id":"bad")"))), "`bad`"));
  CHECK(contains(text_of(decode(R"({"type":"THOUGHT"})")), "`THOUGHT`"));
  CHECK(contains(text_of(decode(task_with(R"("ts":"noon")"))), "`noon`"));
  const auto endless = task_with(R"("id":")" + std::string(5'000, 'x') + '"');
  CHECK(text_of(decode(endless)).size() < 200);
}

TEST_CASE("types are case-sensitive and known", "[core][codec]") {
  CHECK(outcome(R"({"type":"TASK"})") == "ok");
  const auto frame
    = GENERATE(R"({"type":"task"})"sv, R"({"type":"Task"})"sv,
               R"({"type":"TASK "})"sv, R"({"type":""})"sv,
               R"({"type":"EFFECTOR_CALL"})"sv, R"({"type":"TASKS"})"sv);
  CHECK(outcome(frame) == "unknown_type");
}

TEST_CASE("the major version is the text before the first point",
          "[core][codec]") {
  SECTION("accepted and kept") {
    const auto v = GENERATE("1"s, "1.0"s, "1.3"s, "1.x"s, "1."s, "1.2.3"s);
    const auto sig = decode(task_with("\"v\":\"" + v + '"'));
    REQUIRE(sig);
    CHECK(sig->v() == v);
    CHECK(contains(*encode(*sig), "{\"v\":\"" + v + "\",\"id\""));
  }
  SECTION("refused") {
    const auto v = GENERATE("2"s, "10"s, "01"s, ""s, " 1"s, "v1"s, "1-beta"s,
                            "1 "s, ".1"s, "2.1"s);
    const auto sig = decode(task_with("\"v\":\"" + v + '"'));
    CHECK(name_of(sig) == "bad_version");
    CHECK(contains(text_of(sig), "unsupported protocol version"));
  }
}

TEST_CASE("a frame patched to version 2 is refused", "[core][codec]") {
  std::string frame{full};
  const auto pos = frame.find(R"("v":"1")");
  REQUIRE(pos != std::string::npos);
  frame.replace(pos, 7, R"("v":"2")");
  CHECK(contains(text_of(decode(frame)), "unsupported protocol version"));
}

TEST_CASE("ids are checked by prefix only", "[core][codec]") {
  for (auto id :
       {"evt_p", "evt_", "evt_00000000000000000000000000", "evt_\u00fc"})
    CHECK(outcome(task_with("\"id\":\"" + std::string{id} + '"')) == "ok");
  CHECK(outcome(task_with(R"("trace_id":"trc_x")")) == "ok");
  CHECK(outcome(task_with(R"("trace_id":"trc_")")) == "ok");
  CHECK(outcome(task_with(R"("parent_id":"evt_p")")) == "ok");
  CHECK(outcome(task_with(R"("id":"bad")")) == "bad_event_id");
  CHECK(outcome(task_with(R"("id":"trc_1")")) == "bad_event_id");
  CHECK(outcome(task_with(R"("id":"")")) == "bad_event_id");
  CHECK(outcome(task_with(R"("trace_id":"evt_1")")) == "bad_trace_id");
  CHECK(outcome(task_with(R"("parent_id":"trc_1")")) == "bad_parent_id");
  CHECK(outcome(task_with(R"("parent_id":"")")) == "bad_parent_id");
}

TEST_CASE("ts may be a string or an epoch and is normalised to UTC",
          "[core][codec]") {
  auto ts = [](std::string_view value) {
    const auto sig = decode(task_with("\"ts\":" + std::string{value}));
    return sig ? to_string(sig->ts()) : name_of(sig);
  };
  CHECK(ts(R"("2026-08-31T09:15:02.5+02:00")")
        == "2026-08-31T07:15:02.500000Z");
  CHECK(ts(R"("2026-08-31T09:15")") == "2026-08-31T09:15:00Z");
  CHECK(ts(R"("1700000000")") == "2023-11-14T22:13:20Z");
  CHECK(ts("1700000000") == "2023-11-14T22:13:20Z");
  CHECK(ts("1700000000391") == "2023-11-14T22:13:20.391000Z");
  CHECK(ts("1700000000.25") == "2023-11-14T22:13:20.250000Z");
  CHECK(ts("1.7e9") == "2023-11-14T22:13:20Z");
  CHECK(ts("-1") == "1969-12-31T23:59:59Z");
  CHECK(ts("1e300") == "bad_timestamp");
  CHECK(ts("18446744073709551615") == "bad_timestamp");
  CHECK(ts("123456789012345678901234567890") == "bad_timestamp");
  CHECK(ts(R"("1.7e9")") == "bad_timestamp");
  CHECK(ts(R"("")") == "bad_timestamp");
}

TEST_CASE("unknown keys are kept in payload and meta, dropped elsewhere",
          "[core][codec]") {
  const auto text
    = reencode(R"({"neuron":"old","v":"1","id":"evt_1","trace_id":"trc_1",)"
               R"("type":"TASK","directed":{"id":"a","zone":{"x":[1]}},)"
               R"("ts":"2026-01-01T00:00:00Z","extra":[{"deep":[]}],)"
               R"("payload":{"zz":1,"input":{"n":null},"aa":null},)"
               R"("meta":{"who":null,"hop":{"k":1}}})");
  CHECK(
    text
    == R"({"v":"1","id":"evt_1","trace_id":"trc_1","parent_id":null,)"
       R"("type":"TASK","directed":{"id":"a","type":null,"capabilities":[]},)"
       R"("ts":"2026-01-01T00:00:00Z",)"
       R"("payload":{"zz":1,"input":{"n":null},"aa":null},)"
       R"("meta":{"who":null,"hop":{"k":1}}})");
}

TEST_CASE("unknown keys must hold valid JSON all the same", "[core][codec]") {
  CHECK(outcome(task_with(R"("extra":[1,])")) == "malformed_json");
  CHECK(outcome(task_with(R"("extra":"\ud800")")) == "malformed_json");
  CHECK(outcome(task_with("\"extra\":" + nested(201))) == "too_deep");
}

TEST_CASE("of duplicate keys the last counts at every level", "[core][codec]") {
  CHECK(outcome(R"({"type":"nope","type":"TASK"})") == "ok");
  CHECK(outcome(R"({"type":5,"type":"TASK"})") == "ok");
  CHECK(outcome(R"({"type":"TASK","type":"nope"})") == "unknown_type");
  CHECK(outcome(R"({"type":"TASK","id":"evt_1","id":"bad"})")
        == "bad_event_id");
  CHECK(outcome(R"({"type":"TASK","id":null,"id":"evt_1"})") == "ok");
  CHECK(outcome(R"({"type":"TASK","v":"2","v":"1"})") == "ok");
  CHECK(outcome(R"({"type":"TASK","ts":"x","ts":0})") == "ok");
  CHECK(outcome(R"({"type":"TASK","payload":[],"payload":{}})") == "ok");
  CHECK(outcome(R"({"type":"TASK","parent_id":"evt_1","parent_id":null})")
        == "ok");
  CHECK(outcome(R"({"type":"TASK","directed":{"id":1,"id":"a"}})") == "ok");
  CHECK(outcome(R"({"type":"TASK","directed":{"id":"a","id":1}})")
        == "bad_field_type");
  CHECK(
    outcome(
      R"({"type":"TASK","directed":{"capabilities":[1],"capabilities":[]}})")
    == "ok");
  const auto sig = decode(
    R"({"type":"TASK","directed":{"id":"a","capabilities":["x"]},)"
    R"("directed":{"type":"b"},"payload":{"input":{"k":1},"n":0,"input":{}}})");
  REQUIRE(sig);
  CHECK_FALSE(sig->directed()->id);
  CHECK(sig->directed()->type == "b");
  CHECK(sig->directed()->capabilities.empty());
  CHECK(sig->payload().dump() == R"({"input":{},"n":0})");
}

TEST_CASE("keys are compared after escapes are resolved", "[core][codec]") {
  const auto sig
    = decode(R"({"\u0074ype":"\u0054ASK","i\u0064":"evt_\u0031"})");
  REQUIRE(sig);
  CHECK(sig->id() == "evt_1");
}

TEST_CASE("an empty directed stays apart from an absent one", "[core][codec]") {
  const auto empty = decode(task_with(R"("directed":{})"));
  REQUIRE(empty);
  CHECK(contains(*encode(*empty),
                 R"("directed":{"id":null,"type":null,"capabilities":[]})"));
  const auto blank = decode(task_with(R"("directed":{"id":"","type":""})"));
  REQUIRE(blank);
  CHECK_FALSE(blank->directed()->has_id());
  CHECK(contains(*encode(*blank),
                 R"("directed":{"id":"","type":"","capabilities":[]})"));
}

TEST_CASE("decode takes 201 nested containers, encode writes 200",
          "[core][codec]") {
  // The envelope and its payload are the first two.
  auto frame = [](size_t depth) {
    return task_with("\"payload\":{\"x\":" + nested(depth - 2) + '}');
  };
  CHECK(outcome(frame(200)) == "ok");
  CHECK(outcome(frame(201)) == "ok");
  CHECK(outcome(frame(202)) == "too_deep");
  CHECK(outcome(frame(100'000)) == "too_deep");
  CHECK(name_of(encode(*decode(frame(200)))) == "ok");
  CHECK(name_of(encode(*decode(frame(201)))) == "too_deep");
  CHECK(outcome(std::string(3'000'000, '[')) == "too_deep");
}

TEST_CASE("frames above 16 MiB are refused in both directions",
          "[core][codec]") {
  auto frame = [](size_t bytes) {
    auto start = R"({"type":"TASK","payload":{"x":")"s;
    const auto end = R"("}})"sv;
    start.append(bytes - start.size() - end.size(), 'x');
    start += end;
    return start;
  };
  CHECK(outcome(frame(limits::frame_bytes_max)) == "ok");
  CHECK(outcome(frame(limits::frame_bytes_max + 1)) == "too_large");
  // Of this size the other seven keys are too much.
  const auto sig = decode(frame(limits::frame_bytes_max));
  REQUIRE(sig);
  std::string out = "before";
  CHECK(name_of(encode_to(out, *sig)) == "too_large");
  CHECK(out == "before");
}

TEST_CASE("payload contents are not checked by decode", "[core][codec]") {
  CHECK(outcome(R"({"type":"TASK"})") == "ok");
  CHECK(outcome(R"({"type":"BID","payload":{"cost":"free"}})") == "ok");
}

TEST_CASE("encode refuses texts that are not valid Unicode", "[core][codec]") {
  const std::string bad = "a\xED\xA0\x80";
  auto fails_at = [](const signal& sig, std::string_view path) {
    const auto text = encode(sig);
    CAPTURE(describe(text.error()));
    return name_of(text) == "encode_error" && text_of(text).starts_with(path);
  };
  auto with = [](auto change) {
    auto hdr = plain_header();
    change(hdr);
    return signal::make(std::move(hdr), payload::stop{});
  };
  CHECK(fails_at(with([&](header& h) { h.id = "evt_" + bad; }), "id: "));
  CHECK(fails_at(with([&](header& h) { h.parent_id = bad; }), "parent_id: "));
  CHECK(fails_at(with([&](header& h) { h.directed = directed::to(bad); }),
                 "directed.id: "));
  CHECK(fails_at(
    with([&](header& h) { h.directed.emplace().capabilities = {"x", bad}; }),
    "directed.capabilities[1]: "));
  CHECK(fails_at(with([&](header& h) { h.meta["m"] = bad; }), "meta.m: "));
  CHECK(fails_at(
    signal::make(plain_header(), payload::task{.input = {{"a", {1, bad}}}}),
    "payload.input.a[1]: "));
  CHECK(
    fails_at(signal::make(plain_header(), payload::task{.capabilities = {bad}}),
             "payload.capabilities[0]: "));
}

TEST_CASE("encode appends and leaves the text alone when it fails",
          "[core][codec]") {
  std::string out = "first\n";
  const auto good = signal::make(plain_header(), payload::stop{});
  CHECK_FALSE(encode_to(out, good));
  CHECK(out.starts_with("first\n{\"v\":\"1\""));
  const auto size = out.size();
  const auto bad
    = signal::make(plain_header(), payload::stop{.reason = "\xFF"});
  CHECK(name_of(encode_to(out, bad)) == "encode_error");
  CHECK(out.size() == size);
}

TEST_CASE("integers and doubles stay apart through decode and encode",
          "[core][codec]") {
  const auto payload
    = R"({"x":[1,1.0,-0,-0.0,1e16,1E2,0.00001,1e-6,12345678901234567890]})"s;
  const auto sig = decode(task_with("\"payload\":" + payload));
  REQUIRE(sig);
  CHECK(contains(*encode(*sig), R"({"x":[1,1.0,0,-0.0,1e+16,100.0,0.00001,)"
                                R"(1e-6,12345678901234567890]})"));
}

TEST_CASE("what is not a number is written as null", "[core][codec]") {
  const auto sig
    = signal::make(plain_header(), payload::bid{.cost = std::nan("")});
  CHECK(contains(*encode(sig), R"("payload":{"cost":null})"));
}

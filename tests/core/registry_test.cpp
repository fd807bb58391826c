// SPDX-License-Identifier: Apache-2.0
#include "codec_support.hpp"
#include <cosmo/json.hpp>
#include <cosmo/registry.hpp>

#include <catch2/catch_test_macros.hpp>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

TEST_CASE("a record's JSON has all six members", "[core][registry]") {
  CHECK(to_json({.neuron_id = "a", .registered_at = start_time}).dump()
        == R"({"neuron_id":"a","capabilities":[],"version":null,)"
           R"("status":"registered","last_heartbeat":null,)"
           R"("registered_at":"2026-01-02T00:00:00.391000Z"})");
  CHECK(to_json({.neuron_id = "a",
                 .capabilities = {"x", "y"},
                 .version = "1",
                 .status = "ok",
                 .last_heartbeat = start_time,
                 .registered_at = timestamp{}})
          .dump()
        == R"({"neuron_id":"a","capabilities":["x","y"],"version":"1",)"
           R"("status":"ok","last_heartbeat":"2026-01-02T00:00:00.391000Z",)"
           R"("registered_at":"1970-01-01T00:00:00Z"})");
}

TEST_CASE("a Neuron was last seen when it was last heard of",
          "[core][registry]") {
  neuron_record record{.registered_at = start_time};
  CHECK(last_seen(record) == start_time);
  record.last_heartbeat = start_time - 5s;
  CHECK(last_seen(record) == start_time - 5s);
}

TEST_CASE("a change that a store cannot keep is named by its member",
          "[core][registry]") {
  const neuron_record record{.neuron_id = "a", .capabilities = {"b", "c\xFF"}};
  CHECK(name_of(validate(record)) == "encode_error");
  CHECK(message_of(validate(record))
        == "capabilities of a Neuron is no valid Unicode: `c?`");
  const neuron_touch touch{.neuron_id = "a", .at = timestamp_max + 1us};
  CHECK(name_of(validate(touch)) == "bad_timestamp");
  CHECK(message_of(validate(touch)).starts_with("last_heartbeat of a Neuron"));
  CHECK(name_of(validate(neuron_farewell{"\xC3"})) == "encode_error");
  CHECK(name_of(validate(neuron_farewell{"\xC3\xA9 \"\\\0\n"s})) == "ok");
  CHECK(name_of(validate(neuron_touch{
          .neuron_id = "", .at = timestamp_min, .now = timestamp_max}))
        == "ok");
}

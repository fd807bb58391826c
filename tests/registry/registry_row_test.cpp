// SPDX-License-Identifier: Apache-2.0
#include "registry_row.hpp"

#include "support/neuron_samples.hpp"
#include "support/outcome_of.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace cosmo;
using namespace cosmo::registry;
using namespace cosmo::test;
using namespace std::literals;

namespace {

registry_row sample_row() {
  return {.neuron_id = "a",
          .capabilities = R"(["chat"])",
          .status = "registered",
          .registered_at = "2026-01-02T12:00:00+00:00"};
}

} // namespace

TEST_CASE("instants are written as Python writes them", "[registry]") {
  CHECK(instant_text(noon) == "2026-01-02T12:00:00+00:00");
  CHECK(instant_text(noon + 1us) == "2026-01-02T12:00:00.000001+00:00");
  CHECK(instant_text(timestamp{-1us}) == "1969-12-31T23:59:59.999999+00:00");
  CHECK(instant_text(timestamp_min) == "0001-01-01T00:00:00+00:00");
  CHECK(instant_text(timestamp_max) == "9999-12-31T23:59:59.999999+00:00");
}

TEST_CASE("instants are read as any SDK writes them", "[registry]") {
  const auto [text, expected] = GENERATE(table<std::string, timestamp>({
    {"2026-01-02T12:00:00+00:00", noon},
    {"2026-01-02T12:00:00Z", noon},
    {"2026-01-02T12:00:00.000Z", noon},
    {"2026-01-02T12:00:00.5Z", noon + 500ms},
    {"2026-01-02T12:00:00.123456+00:00", noon + 123'456us},
    {"2026-01-02T12:00:00.123456789Z", noon + 123'456us},
    {"2026-01-02T12:00:00", noon},
    {"2026-01-02 12:00:00", noon},
    {"2026-01-02T12:00:00.250", noon + 250ms},
    {"2026-01-02T14:00:00+02:00", noon},
  }));
  auto row = sample_row();
  row.last_heartbeat = row.registered_at = text;
  const auto record = to_record(row);
  REQUIRE(outcome_of(record) == "ok");
  CHECK(record->registered_at == expected);
  CHECK(record->last_heartbeat == expected);
}

TEST_CASE("capabilities are written as compact JSON", "[registry]") {
  CHECK(capabilities_text({}) == "[]");
  CHECK(capabilities_text({"a", "b \"c\""}) == R"(["a","b \"c\""])");
}

TEST_CASE("capabilities are read from any JSON array of texts", "[registry]") {
  const auto [text, expected]
    = GENERATE(table<std::string, std::vector<std::string>>({
      {R"(["a", "b"])", {"a", "b"}},
      {R"(["a","b"])", {"a", "b"}},
      {" [ \"a\" ,\n\"b\" ] ", {"a", "b"}},
      {R"(["stra\u00dfe", "\ud83e\udde0"])",
       {"stra\xC3\x9F"
        "e",
        "\xF0\x9F\xA7\xA0"}},
      {"[]", {}},
      {"", {}},
    }));
  auto row = sample_row();
  row.capabilities = text;
  const auto record = to_record(row);
  REQUIRE(outcome_of(record) == "ok");
  CHECK(record->capabilities == expected);
}

TEST_CASE("a row that is none says which column is wrong", "[registry]") {
  using member = std::string registry_row::*;
  const auto [column, where, text]
    = GENERATE(table<std::string, member, std::string>({
      {"neuron_id", &registry_row::neuron_id, "\xC3"},
      {"capabilities", &registry_row::capabilities, "chat"},
      {"capabilities", &registry_row::capabilities, "[\"a\""},
      {"capabilities", &registry_row::capabilities, "{}"},
      {"capabilities", &registry_row::capabilities, "null"},
      {"capabilities", &registry_row::capabilities, "\"a\""},
      {"capabilities", &registry_row::capabilities, "[1]"},
      {"capabilities", &registry_row::capabilities, "[\"a\",[]]"},
      {"capabilities", &registry_row::capabilities, "[null]"},
      {"capabilities", &registry_row::capabilities, "[\"\xFF\"]"},
      {"capabilities", &registry_row::capabilities, "[\"a\"] x"},
      {"status", &registry_row::status, "\x80"},
      {"last_heartbeat", &registry_row::last_heartbeat, "yesterday"},
      {"last_heartbeat", &registry_row::last_heartbeat, "2026-13-01T00:00:00Z"},
      {"last_heartbeat", &registry_row::last_heartbeat, " "},
      {"registered_at", &registry_row::registered_at, ""},
      {"registered_at", &registry_row::registered_at, "12:00"},
      {"registered_at", &registry_row::registered_at, "0000-01-01T00:00:00Z"},
    }));
  auto row = sample_row();
  row.*where = text;
  const auto record = to_record(row);
  CHECK(outcome_of(record) == "store_corrupt");
  CHECK(text_of(record).starts_with(column));
}

TEST_CASE("a version that is no Unicode makes a row unreadable", "[registry]") {
  auto row = sample_row();
  row.version = "\xFE";
  CHECK(outcome_of(to_record(row)) == "store_corrupt");
}

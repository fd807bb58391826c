// SPDX-License-Identifier: Apache-2.0
#include "codec_support.hpp"
#include <cosmo/timestamp.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <limits>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

namespace {

std::string read(std::string_view text) {
  const auto ts = parse_timestamp(text);
  return ts ? to_string(*ts) : name_of(ts);
}

template <class T>
std::string epoch(T value) {
  const auto ts = timestamp_from_epoch(value);
  return ts ? to_string(*ts) : name_of(ts);
}

} // namespace

TEST_CASE("ts is written in UTC with six digits or no fraction",
          "[core][timestamp]") {
  CHECK(to_string(timestamp{}) == "1970-01-01T00:00:00Z");
  CHECK(to_string(timestamp{391ms}) == "1970-01-01T00:00:00.391000Z");
  CHECK(to_string(timestamp{1us}) == "1970-01-01T00:00:00.000001Z");
  CHECK(to_string(timestamp{-1us}) == "1969-12-31T23:59:59.999999Z");
  CHECK(to_string(timestamp_min) == "0001-01-01T00:00:00Z");
  CHECK(to_string(timestamp_max) == "9999-12-31T23:59:59.999999Z");
}

TEST_CASE("ts is read in every accepted form", "[core][timestamp]") {
  const auto [text, expected]
    = GENERATE(table<std::string_view, std::string_view>({
      {"2026-08-31T09:15:02Z", "2026-08-31T09:15:02Z"},
      {"2026-08-31t09:15:02z", "2026-08-31T09:15:02Z"},
      {"2026-08-31 09:15:02Z", "2026-08-31T09:15:02Z"},
      {"2026-08-31_09:15:02Z", "2026-08-31T09:15:02Z"},
      {"2026-08-31T09:15Z", "2026-08-31T09:15:00Z"},
      {"2026-08-31T09:15", "2026-08-31T09:15:00Z"},
      {"2026-08-31T09:15:02", "2026-08-31T09:15:02Z"},
      {"2026-08-31T09:15:02.5Z", "2026-08-31T09:15:02.500000Z"},
      {"2026-08-31T09:15:02,391Z", "2026-08-31T09:15:02.391000Z"},
      {"2026-08-31T09:15:02.004170Z", "2026-08-31T09:15:02.004170Z"},
      {"2026-08-31T09:15:02.0000009Z", "2026-08-31T09:15:02Z"},
      {"2026-08-31T09:15:02.9999999Z", "2026-08-31T09:15:02.999999Z"},
      {"2026-08-31T09:15:02.12345678901234567890Z",
       "2026-08-31T09:15:02.123456Z"},
      {"2026-08-31T09:15:02+02:00", "2026-08-31T07:15:02Z"},
      {"2026-08-31T09:15:02-0530", "2026-08-31T14:45:02Z"},
      {"2026-08-31T09:15+0200", "2026-08-31T07:15:00Z"},
      {"2026-08-31T09:15:02.5+23:59", "2026-08-30T09:16:02.500000Z"},
      {"2026-08-31T09:15:02-00:00", "2026-08-31T09:15:02Z"},
      {"2026-08-31", "2026-08-31T00:00:00Z"},
      {"2024-02-29", "2024-02-29T00:00:00Z"},
      {"0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"},
      {"9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"},
      {"0", "1970-01-01T00:00:00Z"},
      {"1700000000", "2023-11-14T22:13:20Z"},
      {"+1700000000", "2023-11-14T22:13:20Z"},
      {"-1", "1969-12-31T23:59:59Z"},
      {"1700000000.", "2023-11-14T22:13:20Z"},
      {"1700000000.25", "2023-11-14T22:13:20.250000Z"},
      {".5", "1970-01-01T00:00:00.500000Z"},
      {"20000000000", "2603-10-11T11:33:20Z"},
      {"20000000001", "1970-08-20T11:33:20.001000Z"},
      {"1700000000391", "2023-11-14T22:13:20.391000Z"},
      {"-20000000001", "1969-05-14T12:26:39.999000Z"},
      {"20260831", "1970-08-23T12:00:31Z"},
    }));
  CAPTURE(text);
  CHECK(read(text) == expected);
}

TEST_CASE("ts is refused in every other form", "[core][timestamp]") {
  const auto text = GENERATE(
    ""sv, " "sv, "now"sv,
    "2026"sv
    "-08"sv,
    "2026-8-31"sv, "2026-08-1"sv, "26-08-31"sv, "20260831T091502Z"sv,
    "2026/08/31"sv, "2026-08-31T"sv, "2026-08-31T09"sv, "2026-08-31T9:15"sv,
    "2026-08-31T09:15:2Z"sv, "2026-08-31T09:15:Z"sv, "2026-08-31T0915Z"sv,
    "2026-08-31X09:15Z"sv, "2026-08-31T24:00:00Z"sv, "2026-08-31T23:60:00Z"sv,
    "2026-08-31T23:59:60Z"sv, "2026-02-30"sv, "2025-02-29"sv, "2026-13-01"sv,
    "2026-00-01"sv, "2026-01-00"sv, "0000-01-01"sv, "2026-08-31T09:15:02.Z"sv,
    "2026-08-31T09:15:02,Z"sv, "2026-08-31T09:15:02."sv,
    "2026-08-31T09:15.5Z"sv, "2026-08-31T09:15:02 Z"sv,
    "2026-08-31T09:15:02+02"sv, "2026-08-31T09:15:02+2:00"sv,
    "2026-08-31T09:15:02+24:00"sv, "2026-08-31T09:15:02+02:60"sv,
    "2026-08-31T09:15:02+02:0"sv, "2026-08-31T09:15:02ZZ"sv,
    "2026-08-31T09:15:02Z "sv, " 2026-08-31T09:15:02Z"sv, "2026-08-31Z"sv,
    "1e9"sv, "1.7e9"sv, "1700000000Z"sv, " 1700000000"sv, "--1"sv, "+-1"sv,
    "1.2.3"sv, "."sv, "+"sv, "-"sv, "1_000"sv,
    "\xE2\x88\x92"
    "1"sv,
    "0001-01-01T00:00:00+00:01"sv, "9999-12-31T23:59:59-00:01"sv,
    "253402300800000"sv, "-62135596800001"sv, "9223372036854775808"sv,
    "99999999999999999999999999"sv);
  CAPTURE(text);
  CHECK(read(text) == "bad_timestamp");
  CHECK(text_of(parse_timestamp(text)).size() < 200);
}

TEST_CASE("epochs are seconds, above 2e10 milliseconds", "[core][timestamp]") {
  CHECK(epoch(int64_t{1'700'000'000}) == "2023-11-14T22:13:20Z");
  CHECK(epoch(int64_t{20'000'000'000}) == "2603-10-11T11:33:20Z");
  CHECK(epoch(int64_t{20'000'000'001}) == "1970-08-20T11:33:20.001000Z");
  CHECK(epoch(int64_t{-20'000'000'000}) == "1336-03-23T12:26:40Z");
  CHECK(epoch(int64_t{253'402'300'799'999}) == "9999-12-31T23:59:59.999000Z");
  CHECK(epoch(int64_t{253'402'300'800'000}) == "bad_timestamp");
  CHECK(epoch(int64_t{-62'135'596'800'000}) == "0001-01-01T00:00:00Z");
  CHECK(epoch(int64_t{-62'135'596'800'001}) == "bad_timestamp");
  CHECK(epoch(std::numeric_limits<int64_t>::max()) == "bad_timestamp");
  CHECK(epoch(std::numeric_limits<int64_t>::min()) == "bad_timestamp");
}

TEST_CASE("fractions of an epoch round to the microsecond",
          "[core][timestamp]") {
  CHECK(epoch(0.0000005) == "1970-01-01T00:00:00.000001Z");
  CHECK(epoch(0.0000004) == "1970-01-01T00:00:00Z");
  CHECK(epoch(1700000000.123456) == "2023-11-14T22:13:20.123456Z");
  CHECK(epoch(1700000000391.5) == "2023-11-14T22:13:20.391500Z");
  CHECK(epoch(2e10) == "2603-10-11T11:33:20Z");
  CHECK(epoch(1e300) == "bad_timestamp");
  CHECK(epoch(std::numeric_limits<double>::infinity()) == "bad_timestamp");
  CHECK(epoch(std::numeric_limits<double>::quiet_NaN()) == "bad_timestamp");
}

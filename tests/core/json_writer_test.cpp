// SPDX-License-Identifier: Apache-2.0
#include "codec_support.hpp"
#include <cosmo/limits.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <bit>
#include <cmath>
#include <limits>

using namespace cosmo;
using namespace cosmo::test;

namespace {

std::string write(const json& value) {
  const auto text = write_json(value);
  return text ? *text : name_of(text);
}

json nest(size_t depth) {
  auto result = json::array();
  for (size_t i = 1; i < depth; ++i)
    result = json::array({std::move(result)});
  return result;
}

} // namespace

TEST_CASE("writer: output is compact and keeps the order of keys",
          "[core][json]") {
  json value;
  value["z"] = 1;
  value["a"] = {true, nullptr, "x", json::object(), json::array()};
  CHECK(write(value) == R"({"z":1,"a":[true,null,"x",{},[]]})");
}

TEST_CASE("writer: integers are written as integers", "[core][json]") {
  CHECK(write(0) == "0");
  CHECK(write(-1) == "-1");
  CHECK(write(INT64_MIN) == "-9223372036854775808");
  CHECK(write(UINT64_MAX) == "18446744073709551615");
}

TEST_CASE("writer: doubles keep a mark of being doubles", "[core][json]") {
  CHECK(write(1.0) == "1.0");
  CHECK(write(0.0) == "0.0");
  CHECK(write(-0.0) == "-0.0");
  CHECK(write(100.0) == "100.0");
  CHECK(write(0.1) == "0.1");
  CHECK(write(-2.5) == "-2.5");
  CHECK(write(123456.789) == "123456.789");
  CHECK(write(1.0 / 3.0) == "0.3333333333333333");
}

TEST_CASE("writer: fixed notation ends at 1e-5 and 1e16", "[core][json]") {
  CHECK(write(1e-5) == "0.00001");
  CHECK(write(1.5e-5) == "0.000015");
  CHECK(write(std::nextafter(1e-5, 0.0)) == "9.999999999999999e-6");
  CHECK(write(1e-7) == "1e-7");
  CHECK(write(-1.25e-7) == "-1.25e-7");
  CHECK(write(1e15) == "1000000000000000.0");
  CHECK(write(std::nextafter(1e16, 0.0)) == "9999999999999998.0");
  CHECK(write(1e16) == "1e+16");
  CHECK(write(1.2345e20) == "1.2345e+20");
  CHECK(write(-1e300) == "-1e+300");
  CHECK(write(5e-324) == "5e-324");
  CHECK(write(std::numeric_limits<double>::max()) == "1.7976931348623157e+308");
}

TEST_CASE("writer: what is not a number is written as null", "[core][json]") {
  CHECK(write(std::nan("")) == "null");
  CHECK(write(std::numeric_limits<double>::infinity()) == "null");
  CHECK(write(-std::numeric_limits<double>::infinity()) == "null");
}

TEST_CASE("writer: every double reads back as itself", "[core][json]") {
  seeded_random random{11};
  size_t finite = 0;
  for (int i = 0; i < 50'000; ++i) {
    const auto value = std::bit_cast<double>(random.next());
    if (!std::isfinite(value))
      continue;
    ++finite;
    const auto back = parse_json(write(value));
    REQUIRE(back);
    REQUIRE(back->is_number_float());
    REQUIRE(std::bit_cast<uint64_t>(back->get<double>())
            == std::bit_cast<uint64_t>(value));
  }
  CHECK(finite > 40'000);
}

TEST_CASE("writer: only what must be escaped is", "[core][json]") {
  CHECK(write("\"\\\b\t\n\f\r") == R"("\"\\\b\t\n\f\r")");
  CHECK(write(std::string("\0\x01\x1f", 3)) == R"("\u0000\u0001\u001f")");
  CHECK(write("/\x7f\u2028\u2029") == "\"/\x7f\u2028\u2029\"");
  CHECK(write("Z\u00fcrich \u20ac \U0001f642")
        == "\"Z\u00fcrich \u20ac \U0001f642\"");
  CHECK(write({{"a\nb", 1}}) == R"({"a\nb":1})");
}

TEST_CASE("writer: invalid Unicode is refused, naming where it is",
          "[core][json]") {
  const auto bad
    = GENERATE(std::string{"\xFF"}, std::string{"\xED\xA0\x80"},
               std::string{"\xC0\x80"}, std::string{"ok \xE2\x82"});
  CHECK(write(bad) == "encode_error");
  CHECK(write({{"fine", 1}, {bad, 2}}) == "encode_error");
  const json inside{{"a", {1, {{"b", bad}}}}};
  CHECK(write(inside) == "encode_error");
  CHECK(text_of(write_json(inside)).starts_with("a[1].b: invalid Unicode"));
}

TEST_CASE("writer: nesting is bounded", "[core][json]") {
  CHECK(write(nest(limits::encode_depth_max)).size()
        == 2 * limits::encode_depth_max);
  CHECK(write(nest(limits::encode_depth_max + 1)) == "too_deep");
}

TEST_CASE("json: text for other nodes takes what was decoded", "[core][json]") {
  const auto deep = nested(limits::decode_depth_max);
  json value;
  REQUIRE(json_from_wire(deep, value));
  CHECK(json_to_wire(value) == deep);
  CHECK_FALSE(json_from_wire("", value));
  CHECK_FALSE(json_from_wire("{", value));
  CHECK_FALSE(json_from_wire("{} {}", value));
  CHECK(json_to_wire("\xFF").empty());
}

TEST_CASE("json: values are truthy as in the protocol", "[core][json]") {
  const auto falsy
    = GENERATE(json(nullptr), json(false), json(0), json(0u), json(0.0),
               json(-0.0), json(""), json::array(), json::object());
  CHECK_FALSE(truthy(falsy));
  for (const auto& value :
       {json(true), json(-1), json(1u), json(0.5), json("false"), json("0"),
        json::array({nullptr}), json{{"a", nullptr}}}) {
    CAPTURE(value.dump());
    CHECK(truthy(value));
  }
}

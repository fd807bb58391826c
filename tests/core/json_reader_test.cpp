// SPDX-License-Identifier: Apache-2.0
#include "codec_support.hpp"
#include <cosmo/limits.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <chrono>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

namespace {

std::string read(std::string_view text) {
  const auto value = parse_json(text);
  return value ? *write_json(*value) : name_of(value);
}

} // namespace

TEST_CASE("reader: every kind of value is read", "[core][json]") {
  CHECK(read("null") == "null");
  CHECK(read("true") == "true");
  CHECK(read("false") == "false");
  CHECK(read("\"a\"") == "\"a\"");
  CHECK(read("[]") == "[]");
  CHECK(read("{}") == "{}");
  CHECK(read(" \t\r\n[ 1 , { \"a\" : null } ] \n") == R"([1,{"a":null}])");
  CHECK(read(R"({"b":1,"a":{"d":2,"c":3}})") == R"({"b":1,"a":{"d":2,"c":3}})");
}

TEST_CASE("reader: what is not JSON is refused", "[core][json]") {
  const auto text = GENERATE(
    ""sv, " "sv, "nul"sv, "nullx"sv, "tru"sv, "True"sv, "NaN"sv, "Infinity"sv,
    "-Infinity"sv, "-"sv, "+1"sv, "01"sv, "-01"sv, "1."sv, ".5"sv, "1e"sv,
    "1e+"sv, "0x10"sv, "1 2"sv, "[1,]"sv, "[,1]"sv, "[1 2]"sv, "["sv, "[1"sv,
    "]"sv, "{"sv, "{\"a\"}"sv, "{\"a\":}"sv, "{\"a\":1,}"sv, "{a:1}"sv,
    "{1:1}"sv, "{\"a\" 1}"sv, "{\"a\":1 \"b\":2}"sv, "[}"sv, "{]"sv, "'a'"sv,
    "\""sv, "\"a"sv, "\"\\"sv, "\"\\x\""sv, "\"\\u12\""sv, "\"\\u12g4\""sv,
    "\"\\u-123\""sv, "// c\n1"sv, "/* c */1"sv, "[1]#"sv, "{}{}"sv,
    "\xEF\xBB\xBF{}"sv, "\0"sv, "{}\0"sv, "\"a\0b\""sv, "\"\t\""sv, "\"\n\""sv,
    "\"\x1f\""sv, "\v1"sv, "\xC2\xA0{}"sv);
  CAPTURE(text);
  CHECK(read(text) == "malformed_json");
}

TEST_CASE("reader: strings must be valid UTF-8", "[core][json]") {
  SECTION("well-formed sequences are kept as they are") {
    const auto text = GENERATE(
      "\"\x7f\""sv, "\"\xC2\x80\""sv, "\"\xDF\xBF\""sv, "\"\xE0\xA0\x80\""sv,
      "\"\xED\x9F\xBF\""sv, "\"\xEE\x80\x80\""sv, "\"\xEF\xBF\xBF\""sv,
      "\"\xF0\x90\x80\x80\""sv, "\"\xF4\x8F\xBF\xBF\""sv,
      "\"plain text and then \xE2\x82\xAC, then plain again\""sv);
    CHECK(read(text) == text);
  }
  SECTION("others are refused") {
    const auto text = GENERATE(
      "\"\x80\""sv, "\"\xC0\x80\""sv, "\"\xC1\xBF\""sv, "\"\xC2\""sv,
      "\"\xC2\xC2\""sv, "\"\xE0\x9F\xBF\""sv, "\"\xED\xA0\x80\""sv,
      "\"\xED\xBF\xBF\""sv, "\"\xE2\x82\""sv, "\"\xF0\x8F\xBF\xBF\""sv,
      "\"\xF4\x90\x80\x80\""sv, "\"\xF5\x80\x80\x80\""sv, "\"\xFF\""sv,
      "\"\xF0\x90\x80\""sv, "\"\xE2\x82"sv, "{\"\xFF\":1}"sv);
    CAPTURE(text);
    CHECK(read(text) == "malformed_json");
  }
}

TEST_CASE("reader: escapes are resolved", "[core][json]") {
  CHECK(read(R"("\"\\\/\b\f\n\r\t")") == R"("\"\\/\b\f\n\r\t")");
  CHECK(read(R"("\u0041\u00e9\u20AC")") == "\"A\u00e9\u20ac\"");
  CHECK(read(R"("\ud83d\ude42")") == "\"\U0001f642\"");
  CHECK(read(R"("\u0000")") == R"("\u0000")");
  CHECK(read(R"({"\u0061":1})") == R"({"a":1})");
}

TEST_CASE("reader: a lone surrogate is refused", "[core][json]") {
  const auto text
    = GENERATE(R"("\ud800")"sv, R"("\udc00")"sv, R"("\ud800x")"sv,
               R"("\ud800\n")"sv, R"("\ud800\ud800")"sv, R"("\ud800\u0041")"sv,
               R"("\ude42\ud83d")"sv, R"({"\udfff":1})"sv);
  CAPTURE(text);
  CHECK(read(text) == "malformed_json");
}

TEST_CASE("reader: integers stay integers as far as 64 bits reach",
          "[core][json]") {
  CHECK(read("0") == "0");
  CHECK(read("-0") == "0");
  CHECK(read("9223372036854775807") == "9223372036854775807");
  CHECK(read("9223372036854775808") == "9223372036854775808");
  CHECK(read("18446744073709551615") == "18446744073709551615");
  CHECK(read("-9223372036854775808") == "-9223372036854775808");
  CHECK(read("18446744073709551616") == "1.8446744073709552e+19");
  CHECK(read("-9223372036854775809") == "-9.223372036854776e+18");
  CHECK(read("123456789012345678901234567890") == "1.2345678901234568e+29");
  CHECK(read("1" + std::string(308, '0')) == "1e+308");
  CHECK(read("1" + std::string(309, '0')) == "malformed_json");
  CHECK(read("-1" + std::string(400, '0')) == "malformed_json");
  CHECK(parse_json("-5")->is_number_integer());
  CHECK(parse_json("5")->is_number_unsigned());
  CHECK(parse_json("5.0")->is_number_float());
  CHECK(parse_json("5e0")->is_number_float());
}

TEST_CASE("reader: numbers beyond a double are refused, tiny ones are zero",
          "[core][json]") {
  CHECK(read("1.7976931348623157e308") == "1.7976931348623157e+308");
  CHECK(read("1e309") == "malformed_json");
  CHECK(read("-1e309") == "malformed_json");
  CHECK(read("1e99999999999999999999") == "malformed_json");
  CHECK(read("5e-324") == "5e-324");
  CHECK(read("1e-400") == "0.0");
  CHECK(read("-1e-400") == "-0.0");
  CHECK(read("1e-99999999999999999999") == "0.0");
  CHECK(read("0e999999") == "0.0");
  CHECK(read("0." + std::string(400, '0') + "1") == "0.0");
  CHECK(read("0." + std::string(400, '0') + "1e500") == "1e+99");
}

TEST_CASE("reader: the last of duplicate keys wins in the place of the first",
          "[core][json]") {
  CHECK(read(R"({"a":1,"b":2,"a":3})") == R"({"a":3,"b":2})");
  CHECK(read(R"({"a":1,"a":2,"a":{"a":3,"a":4}})") == R"({"a":{"a":4}})");
  CHECK(read(R"([{"x":[],"y":0,"y":{},"x":null}])")
        == R"([{"x":null,"y":{}}])");
  CHECK(read(R"({"a":1,"\u0061":2})") == R"({"a":2})");
  SECTION("in large objects, too") {
    std::string text = "{";
    std::string expected = "{";
    for (int i = 0; i < 300; ++i)
      text += "\"k" + std::to_string(i % 100) + "\":" + std::to_string(i) + ',';
    text += "\"last\":0}";
    for (int i = 0; i < 100; ++i)
      expected
        += "\"k" + std::to_string(i) + "\":" + std::to_string(200 + i) + ',';
    expected += "\"last\":0}";
    CHECK(read(text) == expected);
  }
}

TEST_CASE("reader: an object with very many keys takes no quadratic time",
          "[core][json]") {
  std::string text = "{";
  for (int i = 0; i < 200'000; ++i)
    text += "\"key" + std::to_string(i) + "\":0,";
  text += "\"end\":0}";
  const auto start = std::chrono::steady_clock::now();
  const auto value = parse_json(text);
  const auto elapsed = std::chrono::steady_clock::now() - start;
  REQUIRE(value);
  CHECK(value->size() == 200'001);
  // Quadratic time would be minutes.
  CHECK(elapsed < 10s);
}

TEST_CASE("reader: nesting is bounded", "[core][json]") {
  CHECK(name_of(parse_json(nested(limits::decode_depth_max))) == "ok");
  CHECK(name_of(parse_json(nested(limits::decode_depth_max + 1)))
        == "too_deep");
  CHECK(name_of(parse_json(std::string(1'000'000, '['))) == "too_deep");
  std::string objects;
  for (int i = 0; i < 300; ++i)
    objects += "{\"a\":";
  CHECK(name_of(parse_json(objects)) == "too_deep");
  // Depth is what is open at once, not what has been seen.
  std::string wide = "[";
  for (int i = 0; i < 1'000; ++i)
    wide += "[[]],";
  CHECK(name_of(parse_json(wide + "0]")) == "ok");
}

TEST_CASE("reader: growing outer objects do not copy what they hold",
          "[core][json]") {
  std::string text = "{\"leaf\":\"" + std::string(1 << 20, 'x') + "\"}";
  for (int i = 0; i < 190; ++i)
    text = "{\"a\":" + text + ",\"b\":0,\"c\":0}";
  const auto start = std::chrono::steady_clock::now();
  CHECK(name_of(parse_json(text)) == "ok");
  CHECK(std::chrono::steady_clock::now() - start < 5s);
}

TEST_CASE("reader: texts above 16 MiB are refused", "[core][json]") {
  const std::string text(limits::frame_bytes_max + 1, ' ');
  CHECK(name_of(parse_json(text)) == "too_large");
}

TEST_CASE("reader: errors name the place and the offending text",
          "[core][json]") {
  CHECK(text_of(parse_json("[1,2,x]")) == "no JSON value at byte 5: `x]`");
  CHECK(text_of(parse_json("[1,2"))
        == "neither comma nor bracket at byte 4, where the text ends");
  CHECK(text_of(parse_json(R"(["\ud800"])"))
        == R"(a lone surrogate at byte 2: `\ud800"]`)");
  const auto text = text_of(parse_json("[1,\"" + std::string(500, 'y')));
  CHECK(text.size() < 200);
}

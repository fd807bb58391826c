// SPDX-License-Identifier: Apache-2.0
#include "wire_text.hpp"

#include <cosmo/json.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <string>

using namespace cosmo;
using namespace cosmo::net;

namespace {

/// As the JSON library has it.
std::string expected(const std::string& text) {
  auto quoted = json(text).dump(-1, ' ', true);
  return quoted.substr(1, quoted.size() - 2);
}

bool survives(const std::string& text) {
  std::string raw = "before";
  std::string again = "before";
  return append_escaped(raw, text) && raw == "before" + expected(text)
         && append_unescaped(again, raw.substr(6)) && again == "before" + text;
}

} // namespace

TEST_CASE("Text is escaped and read again wherever its odd letters stand",
          "[wire]") {
  const auto* odd = GENERATE("\"", "\\", "\n", "\x01", "/", "ü",
                             "\xF0\x9F\x98\x80", "\"\"\\\\");
  for (size_t size = 0; size < 20; ++size)
    for (size_t place = 0; place <= size; ++place) {
      std::string text(size, 'x');
      text.insert(place, odd);
      INFO(expected(text));
      CHECK(survives(text));
    }
}

TEST_CASE("Long texts of any letters are escaped and read again", "[wire]") {
  const auto* odd = GENERATE("x", "\"", "\\", "\n", "ü", "abcdefg\"", "a\"ü\\");
  for (size_t count : {255, 256, 257, 511, 512, 513, 4096}) {
    std::string text;
    while (text.size() < count)
      text += odd;
    CHECK(survives(text));
  }
}

TEST_CASE("What is not UTF-8 is not escaped", "[wire]") {
  const std::string bad
    = GENERATE("\xff", "x\x80", "0123456789\xc3", "\xed\xa0\x80");
  std::string out = "before";
  CHECK(!append_escaped(out, bad));
  CHECK(out == "before");
}

TEST_CASE("What is not the inside of a JSON string is not read", "[wire]") {
  const std::string bad
    = GENERATE("\"", "\\", "01234567\\", "\\x", "\\u12", "\\u12g4", "\\ud800",
               "\\ud800x", "\\ud800\\u0041", "\\udc00", "a\nb", "\xff");
  std::string out = "before";
  CHECK(!append_unescaped(out, bad));
  CHECK(out == "before");
}

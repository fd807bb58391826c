// SPDX-License-Identifier: Apache-2.0
#include "quoted_text.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace cosmo::net;

namespace {

std::string repeat(std::string_view text, size_t count) {
  std::string result;
  while (count-- > 0)
    result += text;
  return result;
}

} // namespace

TEST_CASE("an excerpt counts code points, not bytes", "[net][quoted_text]") {
  CHECK(excerpt("short") == "short");
  CHECK(excerpt(std::string(201, 'a')) == std::string(200, 'a'));
  CHECK(excerpt(repeat("\xE2\x82\xAC", 201)) == repeat("\xE2\x82\xAC", 200));
}

TEST_CASE("an excerpt replaces what is not UTF-8", "[net][quoted_text]") {
  constexpr auto bad = "\xEF\xBF\xBD";
  CHECK(excerpt("a\xFFz") == std::string{"a"} + bad + "z");
  // A sequence that was cut counts once, its bytes out of place one by one.
  CHECK(excerpt("\xE2\x82") == bad);
  CHECK(excerpt("\xE2\x82z") == std::string{bad} + "z");
  CHECK(excerpt("\xC0\x80") == repeat(bad, 2));
  CHECK(excerpt("\xED\xA0\x80") == repeat(bad, 3));
  CHECK(excerpt("\xF4\x90\x80\x80") == repeat(bad, 4));
  CHECK(excerpt("\xF0\x9F\x98\x80") == "\xF0\x9F\x98\x80");
}

TEST_CASE("every occurrence of a secret is masked", "[net][quoted_text]") {
  CHECK(mask("key=k1, again k1.", {"k1"}) == "key=***, again ***.");
  CHECK(mask("k1k1", {"k1"}) == "******");
  CHECK(mask("nothing here", {"k1"}) == "nothing here");
}

TEST_CASE("an empty secret masks nothing", "[net][quoted_text]") {
  CHECK(mask("text", {""}) == "text");
  CHECK(mask("text", {}) == "text");
}

TEST_CASE("a secret within another leaves no tail", "[net][quoted_text]") {
  CHECK(mask("abcdef", {"abc", "abcdef"}) == "***");
}

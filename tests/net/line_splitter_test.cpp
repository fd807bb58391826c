// SPDX-License-Identifier: Apache-2.0
#include "line_splitter.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <string>
#include <vector>

using namespace cosmo::net;

namespace {

using lines = std::vector<std::string>;

/// Feeds the pieces of `text` that a cut before each of `cuts` makes.
lines split(std::string_view text, std::vector<size_t> cuts = {}) {
  line_splitter splitter{1000};
  lines result;
  auto take = [&](std::string_view line) { result.emplace_back(line); };
  size_t begin = 0;
  cuts.push_back(text.size());
  for (auto end : cuts) {
    REQUIRE(splitter.feed(text.substr(begin, end - begin), take));
    begin = end;
  }
  return result;
}

} // namespace

TEST_CASE("LF, CRLF and CR end a line", "[net][line_splitter]") {
  CHECK(split("a\nb\r\nc\rd\n") == lines{"a", "b", "c", "d"});
  CHECK(split("\n\r\n\r") == lines{"", "", ""});
  CHECK(split("\n\r\r\n") == lines{"", "", ""});
  CHECK(split("a\r\rb\r") == lines{"a", "", "b"});
  CHECK(split("") == lines{});
}

TEST_CASE("lines are the same wherever the stream is cut",
          "[net][line_splitter]") {
  const std::string text = "one\r\n\r\ntwo\n\nthree\r\rfour\n\r\nfive\r";
  auto whole = split(text);
  REQUIRE(whole.size() == 9);
  for (size_t i = 0; i <= text.size(); ++i)
    for (auto j = i; j <= text.size(); ++j)
      CHECK(split(text, {i, j}) == whole);
}

TEST_CASE("a carriage return ends its line at once", "[net][line_splitter]") {
  line_splitter splitter{10};
  lines seen;
  auto take = [&](std::string_view line) { seen.emplace_back(line); };
  REQUIRE(splitter.feed("a\r", take));
  CHECK(seen == lines{"a"});
  REQUIRE(splitter.feed("", take));
  REQUIRE(splitter.feed("\nb", take));
  CHECK(seen == lines{"a"});
  CHECK(splitter.rest() == "b");
}

TEST_CASE("a byte order mark is skipped at the beginning only",
          "[net][line_splitter]") {
  const std::string mark = "\xEF\xBB\xBF";
  for (size_t cut = 0; cut < 6; ++cut)
    CHECK(split(mark + "a\n" + mark + "b\n", {cut}) == lines{"a", mark + "b"});
  line_splitter splitter{10};
  REQUIRE(splitter.feed(mark + "rest", [](auto) {}));
  CHECK(splitter.rest() == "rest");
}

TEST_CASE("a line above the bound is refused for good",
          "[net][line_splitter]") {
  lines seen;
  auto take = [&](std::string_view line) { seen.emplace_back(line); };
  SECTION("in one piece") {
    line_splitter splitter{3};
    CHECK_FALSE(splitter.feed("abc\nabcd\nabc\n", take));
    CHECK(seen == lines{"abc"});
    CHECK_FALSE(splitter.feed("\nabc\n", take));
    CHECK(seen == lines{"abc"});
  }
  SECTION("in many pieces, before its end is known") {
    line_splitter splitter{3};
    REQUIRE(splitter.feed("ab", take));
    REQUIRE(splitter.feed("c", take));
    CHECK_FALSE(splitter.feed("d", take));
    CHECK_FALSE(splitter.feed("\n", take));
    CHECK(seen.empty());
  }
}

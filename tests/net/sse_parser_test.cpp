// SPDX-License-Identifier: Apache-2.0
#include "sse_parser.hpp"

#include <catch2/catch_test_macros.hpp>

#include <ostream>
#include <string>
#include <vector>

using namespace cosmo::net;

namespace {

struct event {
  std::string type;
  std::string data;
  std::string id = {};

  bool operator==(const event&) const = default;
};

std::ostream& operator<<(std::ostream& out, const event& value) {
  return out << value.type << "|" << value.data << "|" << value.id;
}

using events = std::vector<event>;

auto into(events& seen) {
  return [&seen](const sse_event& x) {
    seen.push_back(
      {std::string{x.type}, std::string{x.data}, std::string{x.id}});
  };
}

events parse(std::string_view text, size_t cut = 0) {
  sse_parser parser{1000};
  events seen;
  REQUIRE(parser.feed(text.substr(0, cut), into(seen)));
  REQUIRE(parser.feed(text.substr(cut), into(seen)));
  return seen;
}

} // namespace

TEST_CASE("an event ends at an empty line", "[net][sse_parser]") {
  CHECK(parse("data: a\n\ndata: b\n\n")
        == events{{"message", "a"}, {"message", "b"}});
  CHECK(parse("data: cut off\n") == events{});
  CHECK(parse("data: cut off") == events{});
}

TEST_CASE("data lines of one event are joined with LF", "[net][sse_parser]") {
  CHECK(parse("data: a\ndata: b\n\n") == events{{"message", "a\nb"}});
  CHECK(parse("data\ndata\n\n") == events{{"message", "\n"}});
  CHECK(parse("data:\n\n") == events{{"message", ""}});
}

TEST_CASE("one space after the colon does not count", "[net][sse_parser]") {
  CHECK(parse("data:a\n\ndata:  a \n\n")
        == events{{"message", "a"}, {"message", " a "}});
  CHECK(parse("data: a: b\n\n") == events{{"message", "a: b"}});
}

TEST_CASE("comments, unknown fields and blocks without data are skipped",
          "[net][sse_parser]") {
  CHECK(parse(": ping\n\n:\n\nretry: 10\nfoo: bar\nbare\n\n") == events{});
  CHECK(parse("event: lonely\n\ndata: a\n\n") == events{{"message", "a"}});
  CHECK(parse("dat: x\n data: x\ndata : x\nDATA: x\n\n") == events{});
}

TEST_CASE("an event has its type, and the id set last", "[net][sse_parser]") {
  CHECK(parse("event: x\nid: 7\ndata: a\n\ndata: b\n\nid\ndata: c\n\n")
        == events{{"x", "a", "7"}, {"message", "b", "7"}, {"message", "c"}});
  CHECK(parse(std::string_view{"id: a\0b\ndata: c\n\n", 17})
        == events{{"message", "c"}});
}

TEST_CASE("events are the same wherever the stream is cut",
          "[net][sse_parser]") {
  const std::string text
    = "\xEF\xBB\xBF"
      "event: a\r\ndata: 1\r\n\r\n: c\rdata: 2\rdata: 3\r\r"
      "data: [DONE]\n\n";
  events expected{{"a", "1"}, {"message", "2\n3"}, {"message", "[DONE]"}};
  for (size_t cut = 0; cut <= text.size(); ++cut)
    CHECK(parse(text, cut) == expected);
  sse_parser parser{1000};
  events seen;
  for (auto byte : text)
    REQUIRE(parser.feed({&byte, 1}, into(seen)));
  CHECK(seen == expected);
}

TEST_CASE("an event above the bound is refused for good", "[net][sse_parser]") {
  events seen;
  SECTION("as one line") {
    sse_parser parser{20};
    CHECK_FALSE(parser.feed("data: 0123456789abcdef\n\n", into(seen)));
    CHECK_FALSE(parser.feed("\ndata: a\n\n", into(seen)));
  }
  SECTION("as one line that never ends") {
    sse_parser parser{20};
    REQUIRE(parser.feed("data: 0123456789abcd", into(seen)));
    CHECK_FALSE(parser.feed("e", into(seen)));
  }
  SECTION("as many lines") {
    sse_parser parser{20};
    REQUIRE(parser.feed("data: 0123456789\n", into(seen)));
    REQUIRE(parser.feed("data: 01234567\n", into(seen)));
    CHECK_FALSE(parser.feed("data: 0\n", into(seen)));
    CHECK_FALSE(parser.feed("\n", into(seen)));
    CHECK_FALSE(parser.feed("\ndata: a\n\n", into(seen)));
  }
  CHECK(seen.empty());
}

// SPDX-License-Identifier: Apache-2.0
// What every stock Engram finds.
#include "support/engram_samples.hpp"
#include "support/outcome_of.hpp"
#include "support/recorded_log.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <limits>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

namespace {

void append(engram_user& user, json content, json tags = json::array()) {
  user.tell(
    {.entry = {{"content", std::move(content)}, {"tags", std::move(tags)}}});
}

} // namespace

TEST_CASE("an empty Engram finds nothing, which is no fault", "[engram]") {
  any_engram engram;
  const auto finds = engram.user().ask({{"text", "x"}});
  CHECK(finds.hits.empty());
  CHECK_FALSE(finds.truncated);
}

TEST_CASE("all tags of a filter must be there", "[engram]") {
  any_engram engram;
  auto user = engram.user();
  append(user, 1, {"x"});
  append(user, 2, {"y"});
  append(user, 3, {"y", "x"});
  CHECK(user.contents({}, {{"tags", {"x", "y"}}}) == "3");
  CHECK(user.contents({{"tag", "x"}}) == "3 1");
  CHECK(user.contents({{"tag", "x"}}, {{"tags", {"y"}}}) == "3");
  CHECK(user.contents({}, {{"tags", "y"}}) == "3 2");
  CHECK(user.contents({{"tag", "X"}}).empty());
  CHECK(user.contents({{"tag", ""}}).empty());
}

TEST_CASE("a text is found whatever its ASCII case", "[engram]") {
  any_engram engram;
  auto user = engram.user();
  append(user, "Stra\xC3\x9F"
               "e");
  CHECK(user.ask({{"text", "STRA\xC3\x9F"}}).hits.size() == 1);
  CHECK(user.ask({{"text", "stra"}}).hits.size() == 1);
  CHECK(user.ask({{"text", "strasse"}}).hits.empty());
  CHECK(user.ask({{"text", "%"}}).hits.empty());
  CHECK(user.ask({{"text", ""}}).hits.size() == 1);
}

TEST_CASE("a text is looked for in the JSON of what is no text", "[engram]") {
  any_engram engram;
  auto user = engram.user();
  append(user, {{"Key", {1, true, nullptr}}, {"b", "\xC3\xA4\"\n"}});
  for (const auto* text : {"key\":[1", "true", "null]", "\xC3\xA4\\\"\\n"})
    CHECK(user.ask({{"text", text}}).hits.size() == 1);
  CHECK(user.ask({{"text", "\\u00e4"}}).hits.empty());
  SECTION("a content that is a text is looked at as it is") {
    append(user, "line\nbreak \"x\"");
    CHECK(user.ask({{"text", "e\nb"}}).hits.size() == 1);
    CHECK(user.ask({{"text", "\"x"}}).hits.size() == 1);
  }
  SECTION("no content is null") {
    append(user, nullptr);
    CHECK(user.ask({{"text", "NULL"}}).hits.size() == 2);
  }
}

TEST_CASE("a word is found where other SDKs would escape its neighbours",
          "[engram]") {
  any_engram engram;
  auto user = engram.user();
  append(user, {{"a key",
                 {"Stra\xC3\x9F"
                  "e 12",
                  12, 1e20, true}}});
  for (const auto* text :
       {"stra", "e 12", "12", "a key", "A KEY", "ue", "1", "20", "tru"})
    CHECK(user.ask({{"text", text}}).hits.size() == 1);
  for (const auto* text : {"key stra", "12 12", "truth"})
    CHECK(user.ask({{"text", text}}).hits.empty());
}

TEST_CASE("the score is the share of the text, in characters", "[engram]") {
  any_engram engram;
  auto user = engram.user();
  append(user, "\xC3\xA4\xC3\xB6\xC3\xBC\xF0\x9F\xA7\xA0");
  CHECK(user.ask({{"text", "\xC3\xB6"}}).hits.at(0).score == 0.25);
  CHECK(user.ask().hits.at(0).score == 1.0);
  CHECK(user.ask({{"text", ""}}).hits.at(0).score == 1.0);
}

TEST_CASE("the best come first, and among them the latest", "[engram]") {
  any_engram engram;
  auto user = engram.user();
  append(user, "a12");
  append(user, "a");
  append(user, "a1");
  append(user, "a2");
  append(user, "b");
  CHECK(user.contents({{"text", "a"}}) == R"("a" "a2" "a1" "a12")");
  CHECK(user.contents() == R"("b" "a2" "a1" "a" "a12")");
  CHECK(user.contents({{"text", "a"}, {"top_k", 2}}) == R"("a" "a2")");
}

TEST_CASE("a written entry counts as the latest", "[engram]") {
  any_engram engram;
  auto user = engram.user();
  user.tell({.op = "upsert", .entry = {{"content", 1}}, .key = "a"});
  user.tell({.op = "upsert", .entry = {{"content", 2}}, .key = "b"});
  user.tell({.op = "upsert", .entry = {{"content", 3}}, .key = "a"});
  CHECK(user.contents() == "3 2");
}

TEST_CASE("hits below the wanted confidence are left out", "[engram]") {
  any_engram engram;
  auto user = engram.user();
  append(user, "a");
  append(user, "a234");
  auto count = [&](double least) {
    return engram->recall({.query = {{"text", "a"}}, .min_confidence = least})
      ->hits.size();
  };
  CHECK(count(0.2) == 2);
  CHECK(count(0.25) == 2);
  CHECK(count(0.26) == 1);
  CHECK(count(1.1) == 0);
  CHECK(count(-1) == 2);
}

TEST_CASE("a recall gives as many hits as it is asked for", "[engram]") {
  any_engram engram{{.limits = {.top_k = 60}}};
  auto user = engram.user();
  std::vector<edit> writes;
  for (int i = 0; i < 70; ++i)
    writes.push_back({.entry = {{"content", "x" + std::to_string(i)}}});
  user.tell_all(writes);
  const auto [top_k, hits] = GENERATE(table<json, size_t>({
    {nullptr, 50},
    {1, 1},
    {60, 60},
    {61, 60},
    {100'000, 60},
    {0, 0},
    {-3, 0},
    {2.9, 2},
    {-0.5, 0},
    {1e300, 60},
    {-1e300, 0},
    {"ten", 50},
    {true, 50},
    {std::numeric_limits<uint64_t>::max(), 60},
    {std::numeric_limits<double>::quiet_NaN(), 0},
    {std::numeric_limits<int64_t>::min(), 0},
  }));
  CAPTURE(top_k);
  for (const auto* text : {"", "x"}) {
    const auto finds = user.ask({{"text", text}, {"top_k", top_k}});
    CHECK(finds.hits.size() == hits);
    CHECK(finds.truncated);
  }
}

TEST_CASE("a list that is complete is not truncated", "[engram]") {
  any_engram engram;
  auto user = engram.user();
  append(user, "a");
  append(user, "b");
  CHECK_FALSE(user.ask({{"top_k", 2}}).truncated);
  CHECK(user.ask({{"top_k", 1}}).truncated);
  CHECK_FALSE(user.ask({{"text", "a"}, {"top_k", 1}}).truncated);
}

TEST_CASE("times of the last write bound a search, inclusively", "[engram]") {
  any_engram engram;
  auto user = engram.user();
  auto append_at = [&](timestamp at, int content) {
    engram.outside().clock->set(at - 1us);
    append(user, content);
  };
  append_at(noon, 1);
  append_at(noon + 500ms, 2);
  append_at(noon + 1s, 3);
  const auto [filters, found] = GENERATE(table<json, std::string>({
    {{{"since", "2026-01-02T12:00:00Z"}}, "3 2 1"},
    {{{"since", "2026-01-02T12:00:00.000001Z"}}, "3 2"},
    {{{"since", "2026-01-02T12:00:00.5"}}, "3 2"},
    {{{"since", "2026-01-02T13:00:01+01:00"}}, "3"},
    {{{"since", "2026-01-02T12:00:01.1Z"}}, ""},
    {{{"until", "2026-01-02T12:00:00.5Z"}}, "2 1"},
    {{{"until", "2026-01-02T12:00:00.499999Z"}}, "1"},
    {{{"until", "2026-01-02T11:59:59.999999Z"}}, ""},
    {{{"since", "2026-01-02T12:00:00.5Z"}, {"until", "2026-01-02T12:00:00.5Z"}},
     "2"},
    {{{"since", "0001-01-01T00:00:00Z"}, {"until", "9999-12-31T23:59:59Z"}},
     "3 2 1"},
    {{{"since", "yesterday"}, {"until", 17}}, "3 2 1"},
  }));
  CAPTURE(filters);
  CHECK(user.contents({}, filters) == found);
}

TEST_CASE("whatever a query is, it is answered", "[engram]") {
  any_engram engram;
  auto user = engram.user();
  user.tell({.entry = {{"content", "x"}}, .key = "k"});
  const json odd = GENERATE(
    json{}, json(7), json("text"), json::array({1, 2}), json{{"color", "red"}},
    json{{"text", 7}, {"tag", json::array()}, {"merge_key", false}},
    json{{"tags", {1, nullptr}}, {"since", json::object()}},
    json{{"text", nullptr}, {"top_k", nullptr}, {"tags", nullptr}});
  CAPTURE(odd);
  CHECK(user.ask(odd, odd).hits.size() == 1);
}

TEST_CASE("what is not understood of a query is logged once", "[engram]") {
  any_engram engram;
  auto user = engram.user();
  recorded_log log;
  for (int i = 0; i < 3; ++i)
    user.ask({{"top_k", "ten"}});
  CHECK(log.count("odd-query: engram: \"top_k\"") == 1);
}

TEST_CASE("invalid Unicode in a query finds nothing", "[engram]") {
  any_engram engram;
  auto user = engram.user();
  append(user, "x");
  CHECK(user.ask({{"text", "\xFF"}}).hits.empty());
  CHECK(user.ask({{"merge_key", "\xFF"}}).hits.empty());
}

TEST_CASE("a recall sees the writes of all traces", "[engram]") {
  any_engram engram;
  auto user = engram.user();
  user.tell({.entry = {{"content", 1}}, .trace = "trc_a"});
  user.tell({.entry = {{"content", 2}}, .trace = "trc_b"});
  CHECK(user.contents() == "2 1");
}

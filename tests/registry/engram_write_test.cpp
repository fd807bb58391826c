// SPDX-License-Identifier: Apache-2.0
// What every stock Engram does with writes; the rules are the same for all.
#include "support/engram_samples.hpp"
#include "support/outcome_of.hpp"
#include "support/recorded_log.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

TEST_CASE("what was appended is found by a part of its text", "[engram]") {
  any_engram engram;
  auto user = engram.user();
  const auto receipt = user.tell({.entry = {{"content", "The quick brown fox"},
                                            {"tags", {"animal", "fast"}},
                                            {"meta", {{"by", "me"}}}},
                                  .key = "fox",
                                  .imprint_id = "evt_1"});
  CHECK(said(receipt) == "ok");
  CHECK(receipt.engram_id == "engram");
  CHECK(receipt.op == "append");
  REQUIRE(receipt.id);
  CHECK(receipt.id->starts_with("eng_"));
  CHECK(receipt.version == 1);
  const auto finds = user.ask({{"text", "QUICK"}});
  REQUIRE(finds.hits.size() == 1);
  CHECK(finds.hits[0].id == *receipt.id);
  CHECK(json_to_wire(finds.hits[0].entry)
        == R"({"id":")" + *receipt.id
             + R"(","content":"The quick brown fox","tags":["animal","fast"],)"
               R"("version":1,"created_at":"2026-01-02T12:00:00.000001+00:00",)"
               R"("updated_at":"2026-01-02T12:00:00.000001+00:00",)"
               R"("merge_key":"fox","meta":{"by":"me"}})");
}

TEST_CASE("an entry shows neither a key nor annotations that it has not",
          "[engram]") {
  any_engram engram;
  auto user = engram.user();
  user.tell({.op = "add", .entry = {{"id", "a"}}});
  CHECK(json_to_wire(user.ask().hits.at(0).entry)
        == R"({"id":"a","content":null,"tags":[],"version":1,)"
           R"("created_at":"2026-01-02T12:00:00.000001+00:00",)"
           R"("updated_at":"2026-01-02T12:00:00.000001+00:00"})");
}

TEST_CASE("a repeated write changes nothing and has the first one's id",
          "[engram]") {
  any_engram engram;
  auto user = engram.user();
  const edit what{
    .entry = {{"content", 1}}, .key = "k", .trace = "trc_a", .imprint_id = "i"};
  const auto first = user.tell(what);
  const auto second = user.tell(what);
  CHECK(said(second) == "ok");
  CHECK(second.id == first.id);
  CHECK(second.version == 1);
  CHECK(user.ask({{"merge_key", "k"}}).hits.size() == 1);
  SECTION("also within one call") {
    const auto both = user.tell_all({{.imprint_id = "j"}, {.imprint_id = "j"}});
    CHECK(both[0].id == both[1].id);
    CHECK(user.ask().hits.size() == 2);
  }
  SECTION("also with another operation, which the receipt names") {
    const auto third = user.tell(
      {.op = "delete", .entry = {{"id", *first.id}}, .imprint_id = "i"});
    CHECK(third.op == "delete");
    CHECK(third.id == first.id);
    CHECK(user.ask().hits.size() == 1);
  }
  SECTION("and is answered with the version that the entry has now") {
    user.tell({.op = "upsert", .entry = {{"content", 2}}, .key = "k"});
    CHECK(user.tell(what).version == 2);
    user.tell({.op = "delete", .key = "k"});
    const auto gone = user.tell(what);
    CHECK(said(gone) == "ok");
    CHECK(gone.id == first.id);
    CHECK(gone.version == std::nullopt);
    CHECK(user.at_key("k") == "none");
  }
  SECTION("and is in the journal once") {
    CHECK(user.roll_back("trc_a").compensated == 1);
  }
  SECTION("also after a restart") {
    engram.restart();
    CHECK(user.tell(what).id == first.id);
    CHECK(user.ask().hits.size() == 1);
  }
}

TEST_CASE("what did not succeed is tried again", "[engram]") {
  any_engram engram;
  auto user = engram.user();
  SECTION("a merge into nothing") {
    const edit what{.op = "merge",
                    .entry = {{"content", {{"b", 2}}}},
                    .key = "k",
                    .imprint_id = "i"};
    CHECK(said(user.tell(what)) == "no entry for merge_key='k'");
    user.tell({.op = "upsert", .entry = {{"content", {{"a", 1}}}}, .key = "k"});
    CHECK(said(user.tell(what)) == "ok");
    CHECK(user.at_key("k") == R"({"a":1,"b":2})");
  }
  SECTION("a delete of nothing") {
    const edit what{.op = "delete", .entry = {{"id", "a"}}, .imprint_id = "i"};
    CHECK(user.tell(what).id == std::nullopt);
    user.tell({.op = "add", .entry = {{"id", "a"}}});
    CHECK(user.tell(what).id == "a");
    CHECK(user.ask().hits.empty());
  }
}

TEST_CASE("a merge adds to what is there", "[engram]") {
  any_engram engram;
  auto user = engram.user();
  const auto first = user.tell(
    {.op = "upsert",
     .entry
     = {{"content", {{"a", 1}}}, {"tags", {"x"}}, {"meta", {{"m", {1, 2}}}}},
     .key = "k"});
  const auto second = user.tell({.op = "merge",
                                 .entry = {{"content", {{"b", 2}}},
                                           {"tags", {"y", "x"}},
                                           {"meta", {{"m", {2, 3}}}}},
                                 .key = "k"});
  CHECK(second.id == first.id);
  CHECK(second.version == 2);
  const auto finds = user.ask({{"merge_key", "k"}});
  REQUIRE(finds.hits.size() == 1);
  const auto& entry = finds.hits[0].entry;
  CHECK(json_to_wire(entry["content"]) == R"({"a":1,"b":2})");
  CHECK(json_to_wire(entry["tags"]) == R"(["x","y"])");
  CHECK(json_to_wire(entry["meta"]) == R"({"m":[1,2,3]})");
  CHECK(entry["created_at"] == "2026-01-02T12:00:00.000001+00:00");
  CHECK(entry["updated_at"] == "2026-01-02T12:00:00.000002+00:00");
}

TEST_CASE("an upsert replaces all of an entry but its id and its age",
          "[engram]") {
  any_engram engram;
  auto user = engram.user();
  const auto first = user.tell({.op = "upsert",
                                .entry = {{"id", "wanted"},
                                          {"content", "old"},
                                          {"tags", {"x"}},
                                          {"meta", {{"m", 1}}}},
                                .key = "k"});
  CHECK(first.id == "wanted");
  CHECK(first.version == 1);
  const auto second
    = user.tell({.op = "upsert", .entry = {{"id", "ignored"}}, .key = "k"});
  CHECK(second.id == "wanted");
  CHECK(second.version == 2);
  CHECK(json_to_wire(user.ask().hits.at(0).entry)
        == R"({"id":"wanted","content":null,"tags":[],"version":2,)"
           R"("created_at":"2026-01-02T12:00:00.000001+00:00",)"
           R"("updated_at":"2026-01-02T12:00:00.000002+00:00",)"
           R"("merge_key":"k"})");
}

TEST_CASE("the last written entry of a key is the one that is meant",
          "[engram]") {
  any_engram engram;
  auto user = engram.user();
  user.tell({.entry = {{"id", "a"}, {"content", 1}}, .key = "k"});
  user.tell({.entry = {{"id", "b"}, {"content", 2}}, .key = "k"});
  CHECK(user.tell({.op = "upsert", .entry = {{"content", 3}}, .key = "k"}).id
        == "b");
  CHECK(user.contents({{"merge_key", "k"}}) == "3 1");
  CHECK(user.tell({.op = "delete", .key = "k"}).id == "b");
  CHECK(user.contents({{"merge_key", "k"}}) == "1");
  CHECK(user.tell({.op = "merge", .entry = {{"content", 4}}, .key = "k"}).id
        == "a");
  CHECK(user.at_key("k") == "4");
}

TEST_CASE("an id is taken once", "[engram]") {
  any_engram engram;
  auto user = engram.user();
  user.tell({.op = "add", .entry = {{"id", "a"}, {"content", 1}}});
  SECTION("an add of it is refused") {
    const auto receipt
      = user.tell({.op = "add", .entry = {{"id", "a"}, {"content", 2}}});
    CHECK(said(receipt) == "id_collision: the id \"a\" is in use");
    CHECK(receipt.id == std::nullopt);
    CHECK(receipt.version == std::nullopt);
    CHECK(user.contents() == "1");
  }
  SECTION("an append gets another") {
    const auto receipt = user.tell({.entry = {{"id", "a"}, {"content", 2}}});
    CHECK(said(receipt) == "ok");
    CHECK(receipt.id->starts_with("eng_"));
    CHECK(user.contents() == "2 1");
  }
  SECTION("an upsert under a new key is refused") {
    CHECK(
      token_of(user.tell({.op = "upsert", .entry = {{"id", "a"}}, .key = "k"}))
      == "id_collision");
    CHECK(user.at_key("k") == "none");
  }
  SECTION("until it is deleted; then it is a new entry") {
    user.tell({.op = "upsert", .entry = {{"id", "b"}}, .key = "k"});
    user.tell({.op = "upsert", .key = "k"});
    user.tell({.op = "delete", .entry = {{"id", "b"}}});
    const auto op = GENERATE("add"s, "append"s, "upsert"s);
    const auto receipt
      = user.tell({.op = op, .entry = {{"id", "b"}}, .key = "other"});
    CHECK(said(receipt) == "ok");
    CHECK(receipt.id == "b");
    CHECK(receipt.version == 1);
    CHECK(user.at_key("k") == "none");
    CHECK(user.at_key("other") == "null");
  }
}

TEST_CASE("a deleted entry is found no more", "[engram]") {
  any_engram engram;
  auto user = engram.user();
  const auto id = user.tell({.key = "k"}).id;
  const auto receipt = user.tell({.op = "delete", .entry = {{"id", *id}}});
  CHECK(said(receipt) == "ok");
  CHECK(receipt.id == id);
  CHECK(receipt.version == std::nullopt);
  CHECK(user.at_key("k") == "none");
  SECTION("and is not deleted again") {
    const auto again = user.tell({.op = "delete", .entry = {{"id", *id}}});
    CHECK(said(again) == "ok");
    CHECK(again.id == std::nullopt);
  }
}

TEST_CASE("who deletes nothing is told so by the lack of an id", "[engram]") {
  any_engram engram;
  auto user = engram.user();
  user.tell({.op = "add", .entry = {{"id", "a"}}, .key = "k"});
  for (const auto& what :
       {edit{.op = "delete"}, edit{.op = "delete", .key = "other"},
        edit{.op = "delete", .entry = {{"id", "other"}}, .key = "k"}}) {
    const auto receipt = user.tell(what);
    CHECK(said(receipt) == "ok");
    CHECK(receipt.id == std::nullopt);
  }
  CHECK(user.ask().hits.size() == 1);
}

TEST_CASE("a write that cannot be made says why", "[engram]") {
  any_engram engram{
    {.limits
     = {.entry_bytes = 100, .tags = 2, .tag_bytes = 5, .merge_key_bytes = 5}}};
  auto user = engram.user();
  user.tell(
    {.op = "add", .entry = {{"id", "k"}, {"tags", {"1", "2"}}}, .key = "k"});
  auto deep = json::array();
  for (int i = 0; i < 250; ++i)
    deep = json::array({std::move(deep)});
  const auto [what, text] = GENERATE_COPY(table<edit, std::string>({
    {{.op = "update"}, "unknown op 'update'"},
    {{.op = ""}, "unknown op ''"},
    {{.op = "upsert"}, "upsert requires merge_key"},
    {{.op = "merge"}, "merge requires merge_key"},
    {{.op = "merge", .key = "other"}, "no entry for merge_key='other'"},
    {{.entry = 7}, "invalid_entry: the entry is no object"},
    {{.entry = json::array()}, "invalid_entry: the entry is no object"},
    {{.entry = "x"}, "invalid_entry: the entry is no object"},
    {{.entry = {{"id", 7}}}, "invalid_entry: id is no text"},
    {{.entry = {{"tags", "x"}}}, "invalid_entry: tags is no array"},
    {{.entry = {{"tags", {"x", 1}}}},
     "invalid_entry: tags holds something that is no text"},
    {{.entry = {{"meta", "x"}}}, "invalid_entry: meta is no object"},
    {{.entry = {{"tags", {"1", "2", "3"}}}},
     "invalid_entry: 3 tags, the limit is 2"},
    {{.entry = {{"tags", {"123456"}}}},
     "invalid_entry: a tag of 6 bytes, the limit is 5"},
    {{.key = "123456"},
     "invalid_entry: a merge_key of 6 bytes, the limit is 5"},
    {{.entry = {{"content", std::string(99, 'x')}}},
     "invalid_entry: 105 bytes, the limit is 100"},
    {{.entry = {{"content", "caf\xE9"}}},
     "invalid_entry: it holds invalid Unicode"},
    {{.entry = {{"meta", {{"\xFF", 1}}}}},
     "invalid_entry: it holds invalid Unicode"},
    {{.entry = {{"id", "\xFF"}}}, "invalid_entry: id is no Unicode"},
    {{.key = "\xFF"}, "invalid_entry: merge_key is no Unicode"},
    {{.entry = {{"content", deep}}},
     "invalid_entry: content is nested too deep"},
    {{.entry = {{"meta", {{"x", deep}}}}},
     "invalid_entry: meta is nested too deep"},
    {{.op = "merge", .entry = {{"tags", {"3"}}}, .key = "k"},
     "invalid_entry: 3 tags, the limit is 2"},
  }));
  const auto receipts = user.tell_all({{.entry = {{"content", "before"}}},
                                       what,
                                       {.entry = {{"content", "after"}}}});
  CHECK(said(receipts[0]) == "ok");
  CHECK(said(receipts[1]) == text);
  CHECK(receipts[1].op == what.op);
  CHECK(receipts[1].id == std::nullopt);
  CHECK(said(receipts[2]) == "ok");
  CHECK(user.contents() == R"("after" "before" null)");
}

TEST_CASE("what is absent or null of an entry is empty", "[engram]") {
  any_engram engram;
  auto user = engram.user();
  const json entry
    = GENERATE(json{}, json::object(),
               json{{"id", nullptr}, {"tags", nullptr}, {"meta", nullptr}},
               json{{"id", ""}});
  const auto receipt = user.tell({.op = "add", .entry = entry});
  CHECK(said(receipt) == "ok");
  CHECK(receipt.id->starts_with("eng_"));
  CHECK(user.contents() == "null");
}

TEST_CASE("an empty merge_key is none", "[engram]") {
  any_engram engram;
  auto user = engram.user();
  auto request = user.request({.op = GENERATE("add"s, "upsert"s, "delete"s)});
  request.merge_key = "";
  const auto receipts = engram->imprint({request});
  REQUIRE(receipts);
  if (request.op == "upsert")
    CHECK(said(receipts->at(0)) == "upsert requires merge_key");
  else
    CHECK(said(receipts->at(0)) == "ok");
  for (const auto& hit : user.ask().hits)
    CHECK_FALSE(hit.entry.contains("merge_key"));
}

TEST_CASE("any Unicode is an id, a key, a tag and a content", "[engram]") {
  any_engram engram;
  auto user = engram.user();
  const std::string text
    = GENERATE(" "s, "'; DROP TABLE engram_entries; --"s, "a\0b"s, "\n\t\x01"s,
               "Stra\xC3\x9F"
               "e"s,
               "\xF0\x9F\xA7\xA0"s, "%_"s);
  const auto receipt = user.tell(
    {.op = "upsert",
     .entry = {{"id", text}, {"content", {{text, text}}}, {"tags", {text}}},
     .key = text,
     .trace = "trc_" + text,
     .imprint_id = text});
  CHECK(receipt.id == text);
  engram.restart();
  CHECK(user.at_key(text) == json_to_wire({{text, text}}));
  CHECK(user.ask({{"tag", text}}).hits.size() == 1);
  CHECK(user.tell({.imprint_id = text}).id == text);
  CHECK(user.roll_back("trc_" + text).compensated == 1);
}

TEST_CASE("entry members that nobody keeps are logged once each", "[engram]") {
  any_engram engram;
  auto user = engram.user();
  recorded_log log;
  for (int i = 0; i < 3; ++i)
    user.tell(
      {.entry = {
         {"content", "x"}, {"value", "secret"}, {"embed", true}, {"\xFF", 1}}});
  CHECK(log.count("unknown-entry-key: engram: \"value\" is not kept") == 1);
  CHECK(log.count("unknown-entry-key: engram: \"embed\" is not kept") == 1);
  CHECK(log.count("unknown-entry-key") == 3);
  CHECK(log.count("secret") == 0);
}

TEST_CASE("no writes are no fault", "[engram]") {
  any_engram engram;
  CHECK(engram.user().tell_all({}).empty());
}

TEST_CASE("an Engram must be connected first", "[engram]") {
  any_engram engram;
  auto user = engram.user();
  user.tell({.key = "k"});
  engram->close();
  engram->close();
  CHECK(outcome_of(engram->recall({})) == "not_connected");
  CHECK(outcome_of(engram->imprint({})) == "not_connected");
  CHECK(outcome_of(engram->compensate({})) == "not_connected");
  CHECK(outcome_of(engram->commit("trc_a")) == "not_connected");
  CHECK(outcome_of(engram->mark_failed("trc_a")) == "not_connected");
  CHECK(outcome_of(engram->unfinished()) == "not_connected");
  CHECK(outcome_of(engram->sweep()) == "not_connected");
  CHECK(outcome_of(engram->connect(engram.outside().outside)) == "ok");
  CHECK(outcome_of(engram->connect(engram.outside().outside)) == "ok");
  CHECK(said(user.tell({.key = "k"})) == "ok");
}

TEST_CASE("ids that were given out before a restart are not given out again",
          "[engram]") {
  any_engram engram;
  auto user = engram.user();
  const auto first = user.tell({}).id;
  user.tell({.op = "delete", .entry = {{"id", *first}}});
  user.tell({});
  // The same seed, hence the same ids.
  engram.outside().outside = world::seeded(1, engram.outside().clock);
  engram.outside().clock->set(noon);
  engram->close();
  REQUIRE(outcome_of(engram->connect(engram.outside().outside)) == "ok");
  CHECK(said(user.tell({})) == "ok");
  CHECK(said(user.tell({})) == "ok");
}

// SPDX-License-Identifier: Apache-2.0
#include "engram_entry.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace cosmo;
using namespace cosmo::registry;

TEST_CASE("values are merged in depth", "[engram]") {
  const auto [base, change, result]
    = GENERATE(table<const char*, const char*, const char*>({
      {"1", "null", "1"},
      {"null", "null", "null"},
      {"null", "1", "1"},
      {"1", "2", "2"},
      {R"({"a":1})", R"({"b":2})", R"({"a":1,"b":2})"},
      {R"({"a":{"x":1},"b":1})", R"({"a":{"y":2},"b":null})",
       R"({"a":{"x":1,"y":2},"b":1})"},
      {R"({"a":1})", R"({"b":null})", R"({"a":1,"b":null})"},
      {R"({"a":1})", "[1]", "[1]"},
      {"[1]", R"({"a":1})", R"({"a":1})"},
      {"[1,2,1]", "[2,3]", "[1,2,3]"},
      {"[1]", "[1.0,true,\"1\"]", "[1,1.0,true,\"1\"]"},
      {R"([{"a":1,"b":2}])", R"([{"b":2,"a":1},{"a":1}])",
       R"([{"a":1,"b":2},{"a":1}])"},
      {"[[1]]", "[[1],[1.0]]", "[[1],[1.0]]"},
      {R"({"a":[1]})", R"({"a":[1,2]})", R"({"a":[1,2]})"},
      {"[-1]", "[-1]", "[-1]"},
    }));
  CAPTURE(base, change);
  CHECK(json_to_wire(deep_merge(json::parse(base), json::parse(change)))
        == result);
}

TEST_CASE("a number is the same however it is held", "[engram]") {
  CHECK(json_to_wire(
          deep_merge(json::array({int64_t{1}}), json::array({uint64_t{1}})))
        == "[1]");
}

TEST_CASE("tags are united in order", "[engram]") {
  using tags = std::vector<std::string>;
  CHECK(union_of({"b", "a"}, {"c", "a"}) == tags{"b", "a", "c"});
  CHECK(union_of({"a", "a"}, {}) == tags{"a"});
}

TEST_CASE("an entry is as deep as a Signal can carry it", "[engram]") {
  auto nested = [](int levels) {
    auto result = json::array();
    for (int i = 1; i < levels; ++i)
      result = json::array({std::move(result)});
    return json{{"content", std::move(result)}};
  };
  entry_draft draft;
  CHECK(read_entry(nested(195), {}, draft).empty());
  CHECK(read_entry(nested(196), {}, draft) == "content is nested too deep");
}

// SPDX-License-Identifier: Apache-2.0
#include <cosmo/subscription_index.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>

#include <algorithm>

using namespace cosmo;

namespace {

using keys = std::vector<subscription_index::key>;

/// A subscription, without a group unless it names one.
struct wish {
  subscription_index::key key;
  const char* pattern;
  std::optional<std::string> group = std::nullopt;
};

struct index_of : subscription_index {
  index_of(std::initializer_list<wish> wishes) {
    for (auto& w : wishes)
      add(w.key, w.pattern, w.group);
  }

  /// The only receivers of so many Signals, one after the other.
  keys turns(const std::string& subject, size_t count) {
    keys result;
    while (result.size() < count) {
      auto& selected = select(subject);
      REQUIRE(selected.size() == 1);
      result.push_back(selected.front());
    }
    return result;
  }
};

struct row {
  const char* pattern;
  const char* subject;
  bool matches;
};

/// The whole table of synapse-and-cli.md section 1.3, and the rule before it.
const row truth_table[] = {
  {"a.*", "a.b", true},
  {"a.*", "a", false},
  {"a.*", "a.b.c", false},
  {"a.*", "a.", true},
  {"a.*.c", "a..c", true},
  {"*.*", "a.b", true},
  {"a.>.z", "a.b", true},
  {"a.>.z", "a", false},
  {"a.*", "a.*", true},
  {"a*.b", "ax.b", false},
  {"a*.b", "a*.b", true},
  {"A.b", "a.b", false},
  {"cosmonapse.*.TASK", "cosmonapse.a.b.TASK", false},
  {"cosmonapse.*.TASK", "cosmonapse.a.TASK", true},
  {"cosmonapse.dev.TASK", "cosmonapse.dev.TASK.routed", false},
  {"a.>", "a", false},
  {"a.>", "a.b", true},
  {"a.>", "a.b.c", true},
  {">", "a", true},
  {">", "a.b.c", true},
  {">", "", true},
  {"a.>", "a.", true},
  {"*", "a.b", false},
  {"*", "a", true},
  {"*", "", true},
  {"*.>", "a.b", true},
  {"*.>", "a", false},
  {"a.*.>", "a.b.c", true},
  {"a.*.>", "a.b", false},
  {"a.b", "a.*", false},
  {"a.b", "a.>", false},
  {"a.b>", "a.bc", false},
  {"a.b>", "a.b>", true},
  {"a.b.>", "a.bc.d", false},
  {"cosmonapse.dev.*", "cosmonapse.dev.TASK.routed", false},
  {"cosmonapse.dev.>", "cosmonapse.dev.TASK.routed", true},
  {"a.b", "a.b", true},
  {"a.b", "a.b.c", false},
  {"a.b.c", "a.b", false},
  {"a..c", "a..c", true},
  {"a.>", "a.>", true},
};

} // namespace

TEST_CASE("a pattern matches the subjects of the truth table",
          "[actors][subscription_index]") {
  const auto& [pattern, subject, matches]
    = GENERATE(from_range(std::begin(truth_table), std::end(truth_table)));
  CAPTURE(pattern, subject);
  index_of index{{7, pattern}};
  CHECK(index.select(subject) == (matches ? keys{7} : keys{}));
  // The second time the answer comes from memory.
  CHECK(index.select(subject) == (matches ? keys{7} : keys{}));
}

TEST_CASE("every row of the table holds with all patterns side by side",
          "[actors][subscription_index]") {
  subscription_index index;
  for (size_t i = 0; i < std::size(truth_table); ++i)
    index.add(i, truth_table[i].pattern, std::nullopt);
  for (size_t i = 0; i < std::size(truth_table); ++i) {
    const auto& found = index.select(truth_table[i].subject);
    CAPTURE(truth_table[i].pattern, truth_table[i].subject);
    CHECK((std::count(found.begin(), found.end(), i) == 1)
          == truth_table[i].matches);
  }
}

TEST_CASE("each of several matching patterns gets the Signal",
          "[actors][subscription_index]") {
  index_of index{{1, "a.*"}, {2, "a.b"}, {3, "a.c"}, {4, ">"}};
  CHECK(index.select("a.b") == keys{1, 2, 4});
}

TEST_CASE("a group takes turns", "[actors][subscription_index]") {
  index_of index{{1, "a", "g"}, {2, "a", "g"}, {3, "a", "g"}};
  CHECK(index.turns("a", 7) == keys{1, 2, 3, 1, 2, 3, 1});
}

TEST_CASE("a group has one turn over all its patterns and subjects",
          "[actors][subscription_index]") {
  index_of index{{1, "a.*", "g"}, {2, "a.b", "g"}, {3, "x", "g"}};
  CHECK(index.turns("a.b", 1) == keys{1});    // 0 mod 2
  CHECK(index.turns("x", 1) == keys{3});      // 1 mod 1
  CHECK(index.turns("a.b", 2) == keys{1, 2}); // 2 and 3 mod 2
  CHECK(index.turns("a.c", 1) == keys{1});    // 4 mod 1
  CHECK(index.turns("a.b", 1) == keys{2});    // 5 mod 2
}

TEST_CASE("groups of different names do not share a turn",
          "[actors][subscription_index]") {
  index_of index{{1, "a", "g"}, {2, "a", "g"}, {3, "a", "h"}, {4, "a", "h"}};
  CHECK(index.select("a") == keys{1, 3});
  CHECK(index.select("a") == keys{2, 4});
  CHECK(index.select("a") == keys{1, 3});
}

TEST_CASE("an empty group name is a name here",
          "[actors][subscription_index]") {
  index_of index{{1, "a", ""}, {2, "a", ""}};
  CHECK(index.turns("a", 2) == keys{1, 2});
}

TEST_CASE("members of a group stand in the order of their patterns' first use",
          "[actors][subscription_index]") {
  index_of index{{1, "a.*", "g"}, {2, "a.b", "g"}, {3, "a.*", "g"}};
  CHECK(index.turns("a.b", 4) == keys{1, 3, 2, 1});
}

TEST_CASE("those without a group come first", "[actors][subscription_index]") {
  index_of index{{1, "a", "g"}, {2, "a"}, {3, ">", "g"}, {4, "*"}};
  CHECK(index.select("a") == keys{2, 4, 1});
  CHECK(index.select("a") == keys{2, 4, 3});
}

TEST_CASE("what is removed gets nothing", "[actors][subscription_index]") {
  const auto pattern = GENERATE("a.b", "a.*", "*.b", "a.>", ">", "*.>");
  CAPTURE(pattern);
  index_of index{{1, pattern}, {2, pattern}};
  REQUIRE(index.select("a.b") == keys{1, 2});
  index.remove(1);
  CHECK(index.select("a.b") == keys{2});
  CHECK(index.size() == 1);
  index.remove(2);
  CHECK(index.select("a.b").empty());
  CHECK(index.size() == 0);
}

TEST_CASE("removing leaves longer and shorter patterns alone",
          "[actors][subscription_index]") {
  index_of index{{1, "a"}, {2, "a.b"}, {3, "a.b.c"}};
  index.remove(2);
  CHECK(index.select("a") == keys{1});
  CHECK(index.select("a.b").empty());
  CHECK(index.select("a.b.c") == keys{3});
}

TEST_CASE("removing what is unknown changes nothing",
          "[actors][subscription_index]") {
  index_of index{{1, "a"}};
  index.remove(2);
  CHECK(index.select("a") == keys{1});
}

TEST_CASE("a group goes on with its turn when members come and go",
          "[actors][subscription_index]") {
  index_of index{{0, "a", "g"}, {1, "a", "g"}, {2, "a", "g"}};
  CHECK(index.turns("a", 1) == keys{0}); // 0 mod 3
  index.remove(0);
  CHECK(index.turns("a", 1) == keys{2}); // 1 mod 2
  index.remove(1);
  index.remove(2);
  CHECK(index.select("a").empty());
  index.add(5, "a", "g");
  index.add(6, "a", "g");
  CHECK(index.turns("a", 2) == keys{5, 6}); // 2 and 3 mod 2
}

TEST_CASE("adding a known key replaces its pattern and group",
          "[actors][subscription_index]") {
  index_of index{{1, "a", "g"}, {2, "a", "g"}, {1, "b"}};
  CHECK(index.size() == 2);
  CHECK(index.turns("a", 2) == keys{2, 2});
  CHECK(index.select("b") == keys{1});
}

TEST_CASE("a subscription is seen by subjects that were asked for before",
          "[actors][subscription_index]") {
  subscription_index index;
  CHECK(index.select("a.b").empty());
  index.add(1, "a.b", std::nullopt);
  CHECK(index.select("a.b") == keys{1});
  index.add(2, "a.>", "g");
  CHECK(index.select("a.b") == keys{1, 2});
}

TEST_CASE("more subjects than are remembered keep the turns of their groups",
          "[actors][subscription_index]") {
  index_of index{{0, "s.*", "g"}, {1, "s.*", "g"}};
  bool fair = true;
  for (size_t i = 0; i < 10'000; ++i)
    fair = fair && index.select("s." + std::to_string(i)) == keys{i % 2};
  CHECK(fair);
}

TEST_CASE("Members with a rank take turns by it, whatever their patterns",
          "[subscription_index]") {
  subscription_index index;
  index.add(1, "a.*", "g", 7);
  index.add(2, "a.b", "g", 3);
  index.add(3, "a.>", "g", 3);
  keys turns;
  for (auto i = 0; i < 4; ++i)
    turns.push_back(index.select("a.b").front());
  CHECK(turns == keys{2, 3, 1, 2});
}

TEST_CASE("One that is replaced keeps its place among the members",
          "[subscription_index]") {
  subscription_index index;
  index.add(1, "a.b", "g", 0);
  index.add(2, "a.b", "g", 0);
  index.add(1, "a.*", "g", 0);
  CHECK(index.select("a.b").front() == 1);
  CHECK(index.select("a.b").front() == 2);
}

TEST_CASE("Any of many with the same pattern may leave first",
          "[subscription_index]") {
  subscription_index index;
  for (size_t k = 0; k < 5; ++k)
    index.add(k, "a.*.c", std::nullopt);
  index.remove(1);
  index.remove(4);
  index.remove(0);
  auto left = index.select("a.b.c");
  std::ranges::sort(left);
  CHECK(left == keys{2, 3});
  index.remove(2);
  index.remove(3);
  CHECK(index.select("a.b.c").empty());
  CHECK(index.size() == 0);
}

TEST_CASE("The turns of groups that have gone are not kept for ever",
          "[subscription_index]") {
  subscription_index index;
  index.add(0, "a", "kept");
  index.add(1, "a", "kept");
  CHECK(index.select("a") == keys{0});
  for (auto i = 0; i < 70'000; ++i) {
    index.add(2, "b", std::to_string(i));
    CHECK(index.select("b") == keys{2});
  }
  // Those who are there go on where they were.
  CHECK(index.select("a") == keys{1});
}

TEST_CASE("A subject of many tokens is matched like any other",
          "[subscription_index]") {
  subscription_index index;
  index.add(1, "a.>", std::nullopt);
  std::string subject = "a";
  for (auto i = 0; i < 2'000; ++i)
    subject += ".b";
  CHECK(index.select(subject) == keys{1});
  index.remove(1);
  CHECK(index.select(subject).empty());
}

// SPDX-License-Identifier: Apache-2.0
#include "trace_tree.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>

using cosmo::actors::trace_tree;
using traces = std::vector<std::string>;

namespace {

traces children_of(trace_tree& tree, const std::string& parent) {
  auto result = tree.take_children(parent);
  std::ranges::sort(result);
  return result;
}

} // namespace

TEST_CASE("children are handed out once", "[actors][trace_tree]") {
  trace_tree tree;
  tree.add("root", "a");
  tree.add("root", "b");
  tree.add("a", "c");
  CHECK(children_of(tree, "root") == traces{"a", "b"});
  CHECK(children_of(tree, "root").empty());
  CHECK(children_of(tree, "a") == traces{"c"});
  CHECK(tree.size() == 0);
}

TEST_CASE("a trace is neither its own child nor that of two",
          "[actors][trace_tree]") {
  trace_tree tree;
  tree.add("a", "a");
  CHECK(tree.size() == 0);
  tree.add("a", "b");
  tree.add("c", "b");
  CHECK(children_of(tree, "c").empty());
  CHECK(children_of(tree, "a") == traces{"b"});
}

TEST_CASE("a trace that is forgotten takes its children with it",
          "[actors][trace_tree]") {
  trace_tree tree;
  tree.add("root", "a");
  tree.add("root", "b");
  tree.add("a", "c");
  tree.remove("a");
  tree.remove("unknown");
  CHECK(children_of(tree, "a").empty());
  CHECK(children_of(tree, "root") == traces{"b"});
}

TEST_CASE("of too many traces the oldest are forgotten",
          "[actors][trace_tree]") {
  trace_tree tree;
  auto last = static_cast<int>(trace_tree::capacity) + 5;
  for (int i = 0; i < last; ++i)
    tree.add("root", std::to_string(i));
  CHECK(tree.size() == trace_tree::capacity);
  auto left = tree.take_children("root");
  CHECK(std::ranges::find(left, "4") == left.end());
  CHECK(std::ranges::find(left, "5") != left.end());
}

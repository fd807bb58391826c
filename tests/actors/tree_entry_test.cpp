// SPDX-License-Identifier: Apache-2.0
#include "support/bed.hpp"
#include <cosmo/tree_entry.hpp>

#include <catch2/catch_test_macros.hpp>

#include <memory>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

namespace {

std::string tree_of(bed& b) {
  return to_string(b.sim.runtime().tree());
}

} // namespace

TEST_CASE("what is no actor stands in every runtime's tree while it lives",
          "[actors][tree_entry]") {
  bed one;
  bed two;
  auto host = one.worker();
  const auto before = tree_of(one);
  auto state = child_state::terminated;
  auto entry = std::make_unique<tree_entry>(
    [&state] { return child_info{.id = "pool", .state = state}; });
  CHECK(tree_of(one)
        == "runtime: supervisor, running\n"
           "  synapse: worker, running\n"
           "  pool: worker, terminated\n"
           "  worker: supervisor, terminated\n");
  state = child_state::running;
  CHECK(tree_of(two)
        == "runtime: supervisor, running\n"
           "  synapse: worker, running\n"
           "  pool: worker, running\n");
  entry.reset();
  CHECK(tree_of(one) == before);
}

TEST_CASE("entries stand in the order in which they were made",
          "[actors][tree_entry]") {
  auto named = [](std::string id) {
    return std::make_unique<tree_entry>([id] { return child_info{.id = id}; });
  };
  auto ids = [] {
    std::string result;
    for (auto& info : tree_entry::all())
      result += info.id;
    return result;
  };
  auto a = named("a");
  auto b = named("b");
  auto c = named("c");
  CHECK(ids() == "abc");
  b.reset();
  CHECK(ids() == "ac");
  a = named("d");
  CHECK(ids() == "cd");
}

// SPDX-License-Identifier: Apache-2.0
#include "minute_budget.hpp"

#include <catch2/catch_test_macros.hpp>

#include <limits>

using namespace cosmo::net;
using namespace std::literals;

namespace {

const minute_budget::time_point start{1h};

} // namespace

TEST_CASE("a budget without a limit is never used up", "[net][minute_budget]") {
  minute_budget budget{0};
  budget.spend(start, 1'000'000);
  CHECK(budget.ready_at(start) == start);
}

TEST_CASE("what is left of a budget can be spent at once",
          "[net][minute_budget]") {
  minute_budget budget{2};
  CHECK(budget.ready_at(start) == start);
  budget.spend(start, 1);
  CHECK(budget.ready_at(start) == start);
  budget.spend(start, 1);
  CHECK(budget.ready_at(start) == start + 60s);
}

TEST_CASE("what was spent comes back a minute later", "[net][minute_budget]") {
  minute_budget budget{2};
  budget.spend(start, 1);
  budget.spend(start + 10s, 1);
  CHECK(budget.ready_at(start + 10s) == start + 60s);
  CHECK(budget.ready_at(start + 60s - 1ns) == start + 60s);
  CHECK(budget.ready_at(start + 60s) == start + 60s);
  budget.spend(start + 60s, 1);
  CHECK(budget.ready_at(start + 60s) == start + 70s);
}

TEST_CASE("a large expense waits until enough of the others are gone",
          "[net][minute_budget]") {
  minute_budget budget{100};
  budget.spend(start, 10);
  budget.spend(start + 1s, 80);
  budget.spend(start + 2s, 90);
  // 180 are spent; without the first 170, without the second 90.
  CHECK(budget.ready_at(start + 2s) == start + 61s);
}

TEST_CASE("an absurd expense is one minute's worth", "[net][minute_budget]") {
  constexpr auto absurd = std::numeric_limits<uint64_t>::max();
  minute_budget budget{100};
  budget.spend(start, absurd);
  budget.spend(start, absurd);
  CHECK(budget.ready_at(start + 1s) == start + 60s);
  CHECK(budget.ready_at(start + 60s) == start + 60s);
}

TEST_CASE("an expense of nothing is none", "[net][minute_budget]") {
  minute_budget budget{1};
  budget.spend(start, 0);
  CHECK(budget.ready_at(start) == start);
}

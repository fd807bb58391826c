// SPDX-License-Identifier: Apache-2.0
#include "shared_function.hpp"

#include <catch2/catch_test_macros.hpp>

#include <stdexcept>
#include <vector>

using namespace cosmo::actors;

namespace {

using function = std::function<void(int)>;

} // namespace

TEST_CASE("copies of a shared function have one state",
          "[actors][shared_function]") {
  std::vector<int> sums;
  function sum = [&sums, total = 0](int x) mutable {
    total += x;
    sums.push_back(total);
  };
  auto shared = shared_function(sum);
  auto copy = shared;
  shared(1);
  copy(2);
  function{copy}(3);
  CHECK(sums == std::vector{1, 3, 6});
}

TEST_CASE("without a function there is nothing to call",
          "[actors][shared_function]") {
  CHECK_FALSE(shared_function(function{}));
  CHECK_FALSE(never_overlapping(function{}));
}

TEST_CASE("a call within a call is left out", "[actors][shared_function]") {
  std::vector<int> begun;
  function again;
  auto fn = never_overlapping(function{[&](int depth) {
    begun.push_back(depth);
    again(depth + 1);
  }});
  // A copy is the same function.
  again = fn;
  fn(1);
  CHECK(begun == std::vector{1});
  fn(11);
  CHECK(begun == std::vector{1, 11});
}

TEST_CASE("a call that threw is over", "[actors][shared_function]") {
  int calls = 0;
  auto fn = never_overlapping(function{[&](int x) {
    ++calls;
    if (x == 0)
      throw std::runtime_error{"ouch"};
  }});
  CHECK_THROWS_AS(fn(0), std::runtime_error);
  fn(1);
  CHECK(calls == 2);
}

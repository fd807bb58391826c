// SPDX-License-Identifier: Apache-2.0
#include <cosmo/backoff.hpp>

#include <catch2/catch_test_macros.hpp>

#include <set>

using namespace cosmo;
using namespace std::literals;

TEST_CASE("without a function there is no pause", "[core][backoff]") {
  seeded_random random{1};
  CHECK_FALSE(backoff{});
  CHECK(backoff{}(3, random) == 0ns);
}

TEST_CASE("a pause may be any function of the attempt", "[core][backoff]") {
  seeded_random random{1};
  backoff by_attempt = [](int attempt) { return attempt * 1s; };
  CHECK(by_attempt);
  CHECK(by_attempt(2, random) == 2s);
  backoff by_chance = [](int, random_source& from) {
    return std::chrono::nanoseconds{from.next() % 10};
  };
  CHECK(by_chance(0, random) < 10ns);
}

TEST_CASE("a constant pause is always the same", "[core][backoff]") {
  seeded_random random{1};
  auto pause = constant_backoff(3s);
  CHECK(pause(0, random) == 3s);
  CHECK(pause(1'000, random) == 3s);
}

TEST_CASE("an exponential pause doubles up to its cap", "[core][backoff]") {
  seeded_random random{1};
  auto pause = exponential_backoff({.initial = 1s, .cap = 5s, .jitter = 0.0});
  CHECK(pause(0, random) == 1s);
  CHECK(pause(1, random) == 2s);
  CHECK(pause(2, random) == 4s);
  CHECK(pause(3, random) == 5s);
  // Far beyond what a number can hold.
  CHECK(pause(1'000'000, random) == 5s);
  CHECK(pause(-1, random) == 1s);
}

TEST_CASE("pauses that begin with nothing never grow", "[core][backoff]") {
  seeded_random random{1};
  auto pause = exponential_backoff({.initial = 0s});
  CHECK(pause(0, random) == 0ns);
  CHECK(pause(1'000'000, random) == 0ns);
}

TEST_CASE("pauses near the end of time do not overflow", "[core][backoff]") {
  seeded_random random{1};
  auto pause = exponential_backoff({.initial = std::chrono::nanoseconds::max(),
                                    .cap = std::chrono::nanoseconds::max(),
                                    .jitter = 0.0});
  CHECK(pause(3, random) == std::chrono::years{100});
}

TEST_CASE("jitter takes a random share off the pause", "[core][backoff]") {
  seeded_random random{7};
  auto pause = exponential_backoff({.initial = 8s, .jitter = 0.25});
  std::set<std::chrono::nanoseconds> seen;
  for (int i = 0; i < 100; ++i) {
    auto length = pause(0, random);
    CHECK(length > 6s);
    CHECK(length <= 8s);
    seen.insert(length);
  }
  CHECK(seen.size() > 90);
}

TEST_CASE("the same seed gives the same pauses", "[core][backoff]") {
  seeded_random one{42};
  seeded_random other{42};
  auto pause = exponential_backoff();
  for (int attempt = 0; attempt < 10; ++attempt)
    CHECK(pause(attempt, one) == pause(attempt, other));
}

// SPDX-License-Identifier: Apache-2.0
#include "dedup_window.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>

using namespace cosmo;
using namespace cosmo::actors;
using namespace std::literals;

namespace {

constexpr timestamp start{};

} // namespace

TEST_CASE("an id is new once", "[actors][dedup_window]") {
  dedup_window window{60s, 10};
  CHECK(window.insert("evt_a", start));
  CHECK_FALSE(window.insert("evt_a", start));
  CHECK(window.insert("evt_b", start));
  CHECK_FALSE(window.insert("evt_a", start + 1s));
  CHECK_FALSE(window.insert("evt_b", start + 1s));
}

TEST_CASE("an id stays for its window and is gone after two",
          "[actors][dedup_window]") {
  dedup_window window{60s, 10};
  REQUIRE(window.insert("evt_a", start));
  CHECK_FALSE(window.insert("evt_a", start + 60s - 1us));
  CHECK(window.insert("evt_a", start + 120s));
  CHECK_FALSE(window.insert("evt_a", start + 121s));
}

TEST_CASE("an id that came late in a generation stays for its whole window",
          "[actors][dedup_window]") {
  dedup_window window{60s, 10};
  REQUIRE(window.insert("evt_a", start));
  REQUIRE(window.insert("evt_b", start + 59s));
  REQUIRE(window.insert("evt_c", start + 61s));
  CHECK_FALSE(window.insert("evt_b", start + 118s));
}

TEST_CASE("a repeat does not make an id younger", "[actors][dedup_window]") {
  dedup_window window{60s, 10};
  REQUIRE(window.insert("evt_a", start));
  REQUIRE_FALSE(window.insert("evt_a", start + 50s));
  REQUIRE_FALSE(window.insert("evt_a", start + 100s));
  CHECK(window.insert("evt_a", start + 160s));
}

TEST_CASE("as many ids as fit stay, and at most twice as many",
          "[actors][dedup_window]") {
  dedup_window window{60s, 2};
  for (auto id : {"evt_a", "evt_b", "evt_c", "evt_d"})
    REQUIRE(window.insert(id, start));
  CHECK(window.size() == 4);
  CHECK_FALSE(window.insert("evt_c", start));
  CHECK_FALSE(window.insert("evt_d", start));
  CHECK(window.insert("evt_e", start));
  CHECK(window.size() == 3);
  CHECK(window.insert("evt_a", start));
}

TEST_CASE("a window of zero remembers nothing", "[actors][dedup_window]") {
  dedup_window window{0s, 10};
  CHECK(window.insert("evt_a", start));
  CHECK(window.insert("evt_a", start));
  CHECK(window.size() == 0);
}

TEST_CASE("a capacity of zero remembers nothing", "[actors][dedup_window]") {
  dedup_window window{60s, 0};
  CHECK(window.insert("evt_a", start));
  CHECK(window.insert("evt_a", start));
}

TEST_CASE("a clock that goes back forgets nothing", "[actors][dedup_window]") {
  dedup_window window{60s, 10};
  REQUIRE(window.insert("evt_a", start + 100s));
  CHECK_FALSE(window.insert("evt_a", start));
  CHECK(window.insert("evt_b", start));
  CHECK_FALSE(window.insert("evt_a", start + 159s));
}

TEST_CASE("ids of any length are told apart over a long run",
          "[actors][dedup_window]") {
  dedup_window window{60s, 100};
  bool fresh = true;
  bool repeated = false;
  for (int i = 0; i < 5000; ++i) {
    const auto id = "evt_" + std::string(i % 40, 'x') + std::to_string(i);
    fresh = fresh && window.insert(id, start + i * 1ms);
    repeated = repeated || window.insert(id, start + i * 1ms);
  }
  CHECK(fresh);
  CHECK_FALSE(repeated);
  CHECK(window.size() >= 100);
  CHECK(window.size() <= 200);
}

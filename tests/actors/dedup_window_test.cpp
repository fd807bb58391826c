// SPDX-License-Identifier: Apache-2.0
#include "dedup_window.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <string>
#include <utility>

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

TEST_CASE("ids made to collide under one seed do not under others",
          "[actors][dedup_window]") {
  // Whoever knows the seed knows the state after eight bytes, and so which
  // other eight bytes lead on from another beginning to the same place.
  auto collides = [](uint64_t seed) {
    dedup_window window{60s, 10, seed};
    return window.insert("evt_01aaZZZZZZZZ", start)
           && !window.insert("evt_qmFouH6EZZeW", start);
  };
  CHECK(collides(0));
  for (uint64_t seed = 1; seed < 1000; ++seed)
    CHECK_FALSE(collides(seed));
}

TEST_CASE("no ids collide whatever the seed", "[actors][dedup_window]") {
  const auto& [one, other] = GENERATE(
    // A multiplication keeps its highest bit to itself.
    std::pair{"evt_01a\x00ZZZZZZZZ"s, "evt_01a\x80ZZZ\x4AZZZZ"s},
    // Zeros at the end, which a chunk is filled up with.
    std::pair{"evt_01a"s, "evt_01a\0"s},
    std::pair{"evt_01aa"s, "evt_01aa\0\0\0\0\0\0\0\0"s}, std::pair{""s, "\0"s},
    // A first chunk that makes up for another size.
    std::pair{"evt_01aaZZ"s,
              std::string{"evt_01aaZZ\0", 11}.replace(0, 1, "d")});
  for (uint64_t seed = 0; seed < 100; ++seed) {
    dedup_window window{60s, 10, seed};
    CHECK(window.insert(one, start));
    CHECK(window.insert(other, start));
  }
}

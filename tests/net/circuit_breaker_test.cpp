// SPDX-License-Identifier: Apache-2.0
#include "circuit_breaker.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace cosmo::net;
using namespace std::literals;

namespace {

const circuit_breaker::time_point start{1h};

/// A breaker that opens for ten seconds after two failures.
struct breaker_fixture {
  circuit_breaker breaker{{.failures = 2, .open_for = 10s}};

  void run(circuit_breaker::time_point at, call_outcome outcome) {
    REQUIRE_FALSE(breaker.refuses(at));
    breaker.end(at, breaker.begin(), outcome);
  }

  void open(circuit_breaker::time_point at) {
    run(at, call_outcome::failure);
    run(at, call_outcome::failure);
  }
};

} // namespace

TEST_CASE("a breaker without a number of failures never opens",
          "[net][circuit_breaker]") {
  circuit_breaker breaker{{}};
  for (int i = 0; i < 100; ++i)
    breaker.end(start, breaker.begin(), call_outcome::failure);
  CHECK_FALSE(breaker.refuses(start));
}

TEST_CASE_METHOD(breaker_fixture, "failures in a row open a breaker",
                 "[net][circuit_breaker]") {
  run(start, call_outcome::failure);
  CHECK_FALSE(breaker.refuses(start));
  run(start, call_outcome::failure);
  CHECK(breaker.refuses(start));
  CHECK(breaker.refuses(start + 10s - 1ns));
}

TEST_CASE_METHOD(breaker_fixture, "a success between failures starts anew",
                 "[net][circuit_breaker]") {
  run(start, call_outcome::failure);
  run(start, call_outcome::success);
  run(start, call_outcome::failure);
  CHECK_FALSE(breaker.refuses(start));
}

TEST_CASE_METHOD(breaker_fixture, "a call that was given up says nothing",
                 "[net][circuit_breaker]") {
  run(start, call_outcome::failure);
  run(start, call_outcome::nothing);
  CHECK_FALSE(breaker.refuses(start));
  run(start, call_outcome::failure);
  CHECK(breaker.refuses(start));
}

TEST_CASE_METHOD(breaker_fixture, "one call probes the server, no other does",
                 "[net][circuit_breaker]") {
  open(start);
  REQUIRE_FALSE(breaker.refuses(start + 10s));
  CHECK(breaker.begin());
  CHECK(breaker.refuses(start + 10s));
  CHECK(breaker.refuses(start + 60s));
  SECTION("its success closes the breaker") {
    breaker.end(start + 11s, true, call_outcome::success);
    CHECK_FALSE(breaker.refuses(start + 11s));
    CHECK_FALSE(breaker.begin());
  }
  SECTION("its failure opens it again") {
    breaker.end(start + 11s, true, call_outcome::failure);
    CHECK(breaker.refuses(start + 21s - 1ns));
    CHECK_FALSE(breaker.refuses(start + 21s));
  }
  SECTION("its first words close the breaker") {
    breaker.confirm();
    CHECK_FALSE(breaker.refuses(start + 11s));
    CHECK_FALSE(breaker.begin());
    // It fails after all: one of two failures.
    breaker.end(start + 12s, false, call_outcome::failure);
    CHECK_FALSE(breaker.refuses(start + 12s));
    breaker.end(start + 13s, false, call_outcome::failure);
    CHECK(breaker.refuses(start + 13s));
  }
  SECTION("its end without a word lets the next one probe") {
    breaker.end(start + 11s, true, call_outcome::nothing);
    CHECK_FALSE(breaker.refuses(start + 11s));
    CHECK(breaker.begin());
  }
}

TEST_CASE_METHOD(breaker_fixture,
                 "calls that began before it opened have no say",
                 "[net][circuit_breaker]") {
  auto early = breaker.begin();
  CHECK_FALSE(early);
  open(start);
  breaker.end(start + 1s, early, call_outcome::success);
  CHECK(breaker.refuses(start + 1s));
  breaker.end(start + 2s, early, call_outcome::failure);
  CHECK_FALSE(breaker.refuses(start + 10s));
}

// SPDX-License-Identifier: Apache-2.0
#include <cosmo/dispatch.hpp>
#include <cosmo/retry.hpp>
#include <cosmo/signal_builder.hpp>

#include <catch2/catch_test_macros.hpp>

using namespace cosmo;

namespace {

signal_builder build{
  world::seeded(1, std::make_shared<manual_clock>(timestamp{}))};

attempt_outcome error(bool recoverable) {
  return signal{build.make(payload::error{"X", "broken", recoverable})};
}

} // namespace

TEST_CASE("what may pass is tried again", "[core][retry]") {
  CHECK(default_retry_on(make_error(ec::timeout, "late")));
  CHECK(default_retry_on(make_error(ec::pathway_closed, "closed")));
  CHECK(default_retry_on(error(true)));
}

TEST_CASE("what is final is not tried again", "[core][retry]") {
  CHECK_FALSE(default_retry_on(error(false)));
  CHECK_FALSE(default_retry_on(signal{build.make(payload::final_{})}));
  CHECK_FALSE(default_retry_on(signal{build.make(payload::agent_output{})}));
  CHECK_FALSE(default_retry_on(signal{build.make(payload::clarification{})}));
  CHECK_FALSE(default_retry_on(signal{build.make(payload::permission{})}));
  CHECK_FALSE(default_retry_on(make_error(ec::bad_argument, "wrong")));
  CHECK_FALSE(default_retry_on(make_error(ec::not_connected, "gone")));
}

TEST_CASE("a strategy without attempts is refused", "[core][retry]") {
  CHECK_FALSE(check(retry_strategy{}));
  CHECK_FALSE(check(retry_strategy{.max_attempts = 1}));
  auto err = check(retry_strategy{.max_attempts = 0});
  CHECK(err == ec::bad_argument);
  CHECK(message_of(err) == "max_attempts must be at least 1: 0");
  err = check(retry_strategy{.rollback_wait = std::chrono::nanoseconds{-1}});
  CHECK(err == ec::bad_argument);
  CHECK(message_of(err) == "rollback_wait must not be negative: -1 ns");
}

TEST_CASE("a selection has a name", "[core][dispatch]") {
  using enum bid_selection;
  for (auto value : {first_bid, lowest_cost, highest_confidence})
    CHECK(parse_bid_selection(to_string(value)) == value);
  auto other = parse_bid_selection("cheapest");
  REQUIRE_FALSE(other);
  CHECK(other.error() == ec::bad_argument);
  CHECK(message_of(other.error()).find("'cheapest'") != std::string::npos);
}

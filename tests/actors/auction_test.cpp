// SPDX-License-Identifier: Apache-2.0
#include "auction.hpp"

#include <cosmo/signal_builder.hpp>

#include <catch2/catch_test_macros.hpp>

#include <limits>

using namespace cosmo;
using namespace cosmo::actors;

namespace {

struct auction_fixture {
  signal bid(std::string neuron_id, payload::bid terms) {
    return build.make(terms, {.trace_id = "trc_t",
                              .parent_id = "evt_offer",
                              .directed = directed::to(neuron_id)});
  }

  std::string best(bid_selection select, std::vector<signal> bids) {
    auction what{"evt_offer", select};
    for (auto& sig : bids)
      what.add(sig);
    auto result = what.take_best();
    return result ? result->neuron_id : "nobody";
  }

  signal_builder build{
    world::seeded(1, std::make_shared<manual_clock>(timestamp{}))};
};

} // namespace

TEST_CASE_METHOD(auction_fixture, "the first bid decides alone",
                 "[actors][auction]") {
  auction what{"evt_offer", bid_selection::first_bid};
  CHECK_FALSE(what.decided());
  CHECK(what.add(bid("dear", {.cost = 9})));
  CHECK(what.decided());
  CHECK_FALSE(what.add(bid("cheap", {.cost = 1})));
  CHECK(what.take_best()->neuron_id == "dear");
  CHECK_FALSE(what.take_best());
}

TEST_CASE_METHOD(auction_fixture, "the cheapest of all wins, early or late",
                 "[actors][auction]") {
  constexpr auto lowest = bid_selection::lowest_cost;
  auto dear = bid("dear", {.cost = 9});
  auto cheap = bid("cheap", {.cost = 1});
  CHECK(best(lowest, {dear, cheap}) == "cheap");
  CHECK(best(lowest, {cheap, dear}) == "cheap");
}

TEST_CASE_METHOD(auction_fixture,
                 "the most confident wins, and the silent one comes last",
                 "[actors][auction]") {
  constexpr auto highest = bid_selection::highest_confidence;
  auto silent = bid("silent", {});
  auto shy = bid("shy", {.confidence = -5.0});
  auto bold = bid("bold", {.confidence = 0.9});
  CHECK(best(highest, {silent, shy, bold}) == "bold");
  CHECK(best(highest, {silent, shy}) == "shy");
  CHECK(best(highest, {silent}) == "silent");
}

TEST_CASE_METHOD(auction_fixture, "of equals the earliest wins",
                 "[actors][auction]") {
  auto one = bid("one", {.cost = 3, .confidence = 0.5});
  auto two = bid("two", {.cost = 3, .confidence = 0.5});
  CHECK(best(bid_selection::lowest_cost, {one, two}) == "one");
  CHECK(best(bid_selection::highest_confidence, {two, one}) == "two");
}

TEST_CASE_METHOD(auction_fixture, "whoever loses stays in order of arrival",
                 "[actors][auction]") {
  auction what{"evt_offer", bid_selection::lowest_cost};
  for (auto& [who, cost] : {std::pair{"c", 3.0}, {"a", 1.0}, {"b", 2.0}})
    what.add(bid(who, {.cost = cost}));
  CHECK_FALSE(what.decided());
  what.close();
  CHECK(what.decided());
  CHECK(what.take_best()->neuron_id == "a");
  REQUIRE(what.rest().size() == 2);
  CHECK(what.rest()[0].neuron_id == "c");
  CHECK(what.take_best()->neuron_id == "b");
  CHECK(what.take_best()->neuron_id == "c");
  CHECK_FALSE(what.take_best());
}

TEST_CASE_METHOD(auction_fixture, "only bids for this offer count",
                 "[actors][auction]") {
  auction what{"evt_offer", bid_selection::lowest_cost};
  CHECK_FALSE(
    what.add(build.make(payload::bid{}, {.parent_id = "evt_other",
                                         .directed = directed::to("a")})));
  CHECK_FALSE(what.add(build.make(payload::bid{}, {.parent_id = "evt_offer"})));
  CHECK_FALSE(
    what.add(build.make(payload::plan{}, {.parent_id = "evt_offer",
                                          .directed = directed::to("a")})));
  what.close();
  CHECK_FALSE(what.add(bid("late", {})));
  CHECK(what.rest().empty());
}

TEST_CASE_METHOD(
  auction_fixture,
  "a bid without cost, or with none that is a number, is the dearest",
  "[actors][auction]") {
  auction what{"evt_offer", bid_selection::lowest_cost};
  what.add(bid("nan", {.cost = std::numeric_limits<double>::quiet_NaN()}));
  header hdr{.id = "evt_b", .trace_id = "trc_t", .parent_id = "evt_offer"};
  hdr.directed = directed::to("silent");
  auto silent
    = what.add(signal::make_wire(hdr, signal_type::BID, json::object()));
  REQUIRE(silent);
  CHECK_FALSE(silent->cost);
  what.add(bid("dear", {.cost = 1e300}));
  CHECK(what.take_best()->neuron_id == "dear");
}

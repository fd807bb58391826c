// SPDX-License-Identifier: Apache-2.0
#include "support/bed.hpp"
#include "support/recorded_log.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cmath>
#include <limits>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

namespace {

using types = std::vector<std::string>;

struct bidding_fixture : bed {
  explicit bidding_fixture(uint64_t seed = 1) : bed(seed) {
    REQUIRE(!from.start());
  }

  /// A worker that bids for every offer on behalf of `neuron_id`.
  dendrite bidder(std::string neuron_id, bid_options terms,
                  any_neuron neuron = echo()) {
    auto host = serving(neuron_id, std::move(neuron));
    REQUIRE(host.on_task_offer([host, neuron_id, terms](const signal& offer) {
      // It may have died meanwhile.
      (void)host.bid(offer, neuron_id, terms);
    }));
    return host;
  }

  answer<opened_pathway> offer_later(offer_options what) {
    return ask_later<opened_pathway>(from.handle(), offer_atom_v,
                                     std::move(what));
  }

  /// The ids of who received a Signal of this type.
  types receivers(signal_type type) {
    types result;
    for (auto& sig : traffic(type))
      result.emplace_back(sig.directed_id());
    return result;
  }

  signal only(signal_type type) {
    auto all = traffic(type);
    REQUIRE(all.size() == 1);
    return all.front();
  }

  dendrite from = orchestrator();
};

} // namespace

// -- who wins ------------------------------------------------------------------

TEST_CASE_METHOD(bidding_fixture, "an offer is answered by its only bidder",
                 "[actors][dendrite_bidding]") {
  auto host = serving(
    {{.neuron_id = "n", .neuron = echo(), .capabilities = {"echo", "more"}}});
  auto path = from.dispatch_offer({.input = {{"x", 1}},
                                   .capabilities = {"echo"},
                                   .context_ref = "ctx",
                                   .meta = {{"who", "me"}}});
  REQUIRE(path);
  auto reply = path->wait(1s);
  CHECK(outcome_of(reply) == "AGENT_OUTPUT");
  CHECK(reply->output() == json{{"echo", {{"x", 1}}}});
  auto offer = only(signal_type::TASK_OFFER);
  CHECK(offer.trace_id() == path->trace_id());
  CHECK(offer.payload()
        == json{{"input", {{"x", 1}}},
                {"capabilities", {"echo"}},
                {"deadline_ms", 250}});
  CHECK(offer.meta() == json{{"who", "me"}});
  CHECK_FALSE(offer.directed());
  auto bid = only(signal_type::BID);
  CHECK(bid.parent_id() == offer.id());
  CHECK(bid.directed_id() == "n");
  CHECK(bid.payload() == json{{"cost", 0.0}, {"confidence", 1.0}});
  CHECK(bid.meta() == json{{"auto_bid", true}});
  auto award = only(signal_type::TASK_AWARDED);
  CHECK(award.parent_id() == bid.id());
  CHECK(award.directed_id() == "n");
  CHECK(award.payload()
        == json{{"input", {{"x", 1}}},
                {"winning_bid", {{"cost", 0.0}, {"confidence", 1.0}}},
                {"context_ref", "ctx"}});
  CHECK(award.meta() == json::object());
  CHECK(reply->parent_id() == award.id());
  CHECK(traffic(signal_type::TASK).empty());
  CHECK(path->role() == "originator");
}

TEST_CASE_METHOD(bidding_fixture, "with first_bid the earlier, dearer bid wins",
                 "[actors][dendrite_bidding]") {
  auto one = bidder("early", {.cost = 9});
  auto two = bidder("late", {.cost = 1});
  auto path = from.dispatch_offer({.capabilities = {}});
  REQUIRE(path);
  CHECK(path->wait(1s)->directed_id() == "early");
  CHECK(receivers(signal_type::TASK_AWARDED) == types{"early"});
  CHECK(traffic(signal_type::AGENT_OUTPUT).size() == 1);
}

TEST_CASE_METHOD(bidding_fixture,
                 "with lowest_cost the later, cheaper bid wins",
                 "[actors][dendrite_bidding]") {
  auto one = bidder("early", {.cost = 9});
  auto two = bidder("late", {.cost = 1, .eta = 20ms});
  auto path = from.dispatch_offer({.select = bid_selection::lowest_cost});
  REQUIRE(path);
  CHECK(path->wait(1s)->directed_id() == "late");
  auto lost = only(signal_type::TASK_DECLINED);
  CHECK(lost.directed_id() == "early");
  CHECK(lost.payload() == json{{"reason", "not selected"}});
  CHECK(lost.parent_id() == traffic(signal_type::BID)[0].id());
  CHECK(only(signal_type::TASK_AWARDED).payload()["winning_bid"]
        == json{{"cost", 1.0}, {"eta_ms", 20}});
  CHECK(story(path->trace_id())
        == "TASK_OFFER BID BID TASK_DECLINED TASK_AWARDED AGENT_OUTPUT");
}

TEST_CASE_METHOD(bidding_fixture,
                 "with highest_confidence the boldest bid wins",
                 "[actors][dendrite_bidding]") {
  auto one = bidder("shy", {.confidence = 0.2});
  auto two = bidder("bold", {.confidence = 0.9});
  auto three = bidder("silent", {});
  auto path
    = from.dispatch_offer({.select = bid_selection::highest_confidence});
  REQUIRE(path);
  CHECK(path->wait(1s)->directed_id() == "bold");
  CHECK(receivers(signal_type::TASK_DECLINED).size() == 2);
}

TEST_CASE_METHOD(bidding_fixture,
                 "the whole window is used unless the first bid decides",
                 "[actors][dendrite_bidding]") {
  auto host = bidder("n", {});
  auto first = offer_later({.deadline = 100ms});
  sim.run();
  CHECK(outcome_of(*first) == "ok");
  auto cheapest
    = offer_later({.deadline = 100ms, .select = bid_selection::lowest_cost});
  sim.advance(99ms);
  CHECK(outcome_of(*cheapest) == "nothing yet");
  sim.advance(1ms);
  CHECK(outcome_of(*cheapest) == "ok");
}

TEST_CASE_METHOD(bidding_fixture, "whoever lost hears of it once",
                 "[actors][dendrite_bidding]") {
  auto one = bidder("winner", {.cost = 1});
  auto two = bidder("loser", {.cost = 2});
  std::vector<std::string> heard;
  REQUIRE(two.on_task_declined(
    [&](const signal& sig) {
      heard.push_back(*sig.get_if<payload::task_declined>()->reason);
    },
    {.neuron = "loser"}));
  REQUIRE(from.dispatch_offer({.select = bid_selection::lowest_cost}));
  sim.run();
  CHECK(heard == types{"not selected"});
}

TEST_CASE_METHOD(bidding_fixture, "a late bid is ignored",
                 "[actors][dendrite_bidding]") {
  auto host = serving("n", echo());
  auto offer = std::make_shared<signal>();
  REQUIRE(host.on_task_offer([offer](const signal& sig) { *offer = sig; }));
  auto path = offer_later({.deadline = 50ms});
  sim.advance(50ms);
  CHECK(outcome_of(*path) == "timeout");
  REQUIRE(*offer);
  CHECK(host.bid(*offer, "n"));
  sim.run();
  CHECK(traffic(signal_type::BID).size() == 1);
  CHECK(traffic(signal_type::TASK_AWARDED).empty());
  CHECK(traffic(signal_type::TASK_DECLINED).empty());
}

TEST_CASE_METHOD(bidding_fixture,
                 "a bid for another offer of the trace is not counted",
                 "[actors][dendrite_bidding]") {
  auto host = serving("n", echo());
  std::vector<signal> offers;
  REQUIRE(
    host.on_task_offer([&](const signal& sig) { offers.push_back(sig); }));
  auto one = offer_later({.trace_id = "trc_t"});
  auto two = offer_later({.trace_id = "trc_t"});
  sim.run();
  REQUIRE(offers.size() == 2);
  CHECK(host.bid(offers[1], "n"));
  sim.run();
  CHECK(outcome_of(*one) == "nothing yet");
  CHECK(outcome_of(*two) == "ok");
  sim.advance(250ms);
  CHECK(outcome_of(*one) == "timeout");
}

// -- nobody --------------------------------------------------------------------

TEST_CASE_METHOD(bidding_fixture, "without a bid the call times out",
                 "[actors][dendrite_bidding]") {
  auto actors = sim.actors_alive();
  auto path = from.dispatch_offer({.deadline = 50ms});
  CHECK(outcome_of(path) == "timeout");
  CHECK(text_of(path) == "nobody bid within 50 ms");
  sim.run();
  CHECK(sim.actors_alive() == actors);
  CHECK(traffic(signal_type::ERROR).empty());
}

TEST_CASE_METHOD(bidding_fixture, "nobody bids for what nobody offers",
                 "[actors][dendrite_bidding]") {
  auto host
    = serving({{.neuron_id = "n", .neuron = echo(), .capabilities = {"echo"}}});
  CHECK(outcome_of(from.dispatch_offer({.capabilities = {"fly"}}))
        == "timeout");
  CHECK(traffic(signal_type::BID).empty());
}

TEST_CASE_METHOD(bidding_fixture,
                 "a handler for offers bids instead of its Dendrite",
                 "[actors][dendrite_bidding]") {
  auto host
    = serving({{.neuron_id = "n", .neuron = echo(), .capabilities = {"echo"}}});
  SECTION("also if it never does") {
    REQUIRE(host.on_task_offer([](const signal&) {}, {.neuron = "nobody"}));
    CHECK(outcome_of(from.dispatch_offer({.capabilities = {"echo"}}))
          == "timeout");
    CHECK(traffic(signal_type::BID).empty());
  }
  SECTION("with a filter by capability") {
    REQUIRE(host.on_task_offer(
      [host](const signal& offer) { CHECK(host.bid(offer, "n")); },
      {.capability = "echo"}));
    auto path = from.dispatch_offer({.capabilities = {"echo"}});
    REQUIRE(path);
    CHECK(outcome_of(path->wait(1s)) == "AGENT_OUTPUT");
    CHECK(traffic(signal_type::BID).size() == 1);
  }
  SECTION("but watching a trace is no bidding") {
    REQUIRE(host.on_trace("trc_t", [](const signal&) {}));
    CHECK(from.dispatch_offer({.trace_id = "trc_t"}));
  }
}

TEST_CASE_METHOD(bidding_fixture,
                 "a Dendrite bids once, for its first Axon that can",
                 "[actors][dendrite_bidding]") {
  auto host = worker();
  REQUIRE(host.attach_axon({.neuron_id = "a", .neuron = echo()}));
  REQUIRE(host.attach_axon(
    {.neuron_id = "b", .neuron = echo(), .capabilities = {"x"}}));
  REQUIRE(host.attach_axon(
    {.neuron_id = "c", .neuron = echo(), .capabilities = {"x"}}));
  REQUIRE(!host.start());
  REQUIRE(from.dispatch_offer({.capabilities = {"x"}}));
  REQUIRE(from.dispatch_offer({}));
  CHECK(receivers(signal_type::BID) == types{"b", "a"});
}

TEST_CASE_METHOD(bidding_fixture, "a Dendrite may leave bidding alone",
                 "[actors][dendrite_bidding]") {
  auto host = sim.runtime().dendrite(bus, {.auto_bid = false});
  REQUIRE(host.attach_axon({.neuron_id = "n", .neuron = echo()}));
  REQUIRE(!host.start());
  CHECK(outcome_of(from.dispatch_offer({})) == "timeout");
}

// -- guards --------------------------------------------------------------------

TEST_CASE_METHOD(bidding_fixture, "a worker bids but does not offer",
                 "[actors][dendrite_bidding]") {
  auto host = serving("n", echo());
  CHECK(outcome_of(host.dispatch_offer({})) == "protocol_violation");
  auto offer = sim.build().make(payload::task_offer{}, {.trace_id = "trc_t"});
  auto bid = host.bid(offer, "n", {.cost = 2, .meta = {{"k", "v"}}});
  REQUIRE(bid);
  CHECK(bid->parent_id() == offer.id());
  CHECK(bid->trace_id() == "trc_t");
  CHECK(bid->meta() == json{{"k", "v"}});
}

TEST_CASE_METHOD(bidding_fixture, "only an offer can be bid for",
                 "[actors][dendrite_bidding]") {
  auto task = sim.build().make(payload::task{}, {});
  auto bid = from.bid(task, "n");
  CHECK(outcome_of(bid) == "protocol_violation");
  CHECK(text_of(bid) == "bid does not take a TASK: " + task.id());
}

TEST_CASE_METHOD(bidding_fixture, "a bid for a stranger is sent with a warning",
                 "[actors][dendrite_bidding]") {
  recorded_log log;
  auto offer = sim.build().make(payload::task_offer{}, {});
  CHECK(from.bid(offer, "stranger"));
  CHECK(log.count("bid-for-a-stranger") == 1);
}

TEST_CASE_METHOD(bidding_fixture, "an offer with bad arguments is refused",
                 "[actors][dendrite_bidding]") {
  CHECK(outcome_of(from.dispatch_offer({.input = 3})) == "bad_argument");
  auto negative = from.dispatch_offer({.deadline = -1ms});
  CHECK(outcome_of(negative) == "bad_argument");
  CHECK(text_of(negative) == "deadline must not be negative: -1 ms");
  CHECK(outcome_of(from.dispatch_offer({.trace_id = "x"})) == "bad_trace_id");
  CHECK(traffic(signal_type::TASK_OFFER).empty());
}

// -- what the winner does ------------------------------------------------------

TEST_CASE_METHOD(bidding_fixture, "an award is promoted like a TASK",
                 "[actors][dendrite_bidding]") {
  auto host = serving("n", echo());
  auto path = from.dispatch_offer({.scope = scope::terminal});
  REQUIRE(path);
  auto final_ = path->wait(1s);
  CHECK(outcome_of(final_) == "FINAL");
  CHECK(final_->output() == json{{"echo", json::object()}});
  CHECK(only(signal_type::TASK_AWARDED).payload()["finalize"] == true);
  CHECK(story(path->trace_id())
        == "TASK_OFFER BID TASK_AWARDED AGENT_OUTPUT FINAL");
}

TEST_CASE_METHOD(bidding_fixture,
                 "an award runs whether or not there was a bid",
                 "[actors][dendrite_bidding]") {
  auto host = serving("n", echo());
  auto award
    = sim.build().make(payload::task_awarded{{{"x", 2}}, {}, {}, false},
                       {.directed = directed::to("n")});
  REQUIRE(!bus.publish("cosmonapse.default.TASK_AWARDED", award));
  REQUIRE(!bus.publish("cosmonapse.default.TASK_AWARDED", award));
  sim.run();
  auto reply = only(signal_type::AGENT_OUTPUT);
  CHECK(reply.parent_id() == award.id());
  CHECK(reply.trace_id() == award.trace_id());
}

TEST_CASE_METHOD(bidding_fixture, "an award to somebody else is left alone",
                 "[actors][dendrite_bidding]") {
  auto host = serving("n", echo());
  auto award = sim.build().make(payload::task_awarded{},
                                {.directed = directed::to("other")});
  REQUIRE(!bus.publish("cosmonapse.default.TASK_AWARDED", award));
  sim.run();
  CHECK(traffic(signal_type::AGENT_OUTPUT).empty());
  CHECK(traffic(signal_type::ERROR).empty());
}

TEST_CASE_METHOD(bidding_fixture, "an award that cannot be read is answered",
                 "[actors][dendrite_bidding]") {
  auto host = serving("n", echo());
  header hdr{.id = "evt_award", .trace_id = "trc_t"};
  hdr.directed = directed::to("n");
  auto award
    = signal::make_wire(hdr, signal_type::TASK_AWARDED, {{"input", 7}});
  REQUIRE(!bus.publish("cosmonapse.default.TASK_AWARDED", award));
  sim.run();
  CHECK(outcome_of(only(signal_type::ERROR)) == "ERROR AXON_EXCEPTION");
  CHECK(only(signal_type::ERROR).parent_id() == "evt_award");
}

TEST_CASE_METHOD(bidding_fixture, "a STOP that overtook an award silences it",
                 "[actors][dendrite_bidding]") {
  auto host = serving("n", echo());
  auto award
    = sim.build().make(payload::task_awarded{},
                       {.trace_id = "trc_t", .directed = directed::to("n")});
  REQUIRE(from.emit_stop("trc_t"));
  sim.run();
  REQUIRE(!bus.publish("cosmonapse.default.TASK_AWARDED", award));
  sim.run();
  CHECK(traffic(signal_type::AGENT_OUTPUT).empty());
}

// -- ends ----------------------------------------------------------------------

TEST_CASE_METHOD(bidding_fixture, "an offer ends with its trace",
                 "[actors][dendrite_bidding]") {
  auto pending = offer_later({.trace_id = "trc_t"});
  sim.run();
  SECTION("by STOP") {
    REQUIRE(from.emit_stop("trc_t"));
  }
  SECTION("by an ERROR") {
    REQUIRE(from.emit_error({"X", "no"},
                            {.trace_id = "trc_t", .parent_id = "evt_t"}));
  }
  SECTION("by the end of its Dendrite") {
    REQUIRE(!from.stop());
  }
  SECTION("by the end of the bus") {
    CHECK(outcome_of(*pending) == "nothing yet");
    bus.close();
  }
  sim.run();
  CHECK(outcome_of(*pending) == "pathway_closed");
  CHECK(traffic(signal_type::TASK_AWARDED).empty());
}

TEST_CASE_METHOD(bidding_fixture,
                 "nothing is left of an offer when its Pathway is closed",
                 "[actors][dendrite_bidding]") {
  auto host = serving("n", echo());
  // A worker that runs Neurons is kept.
  REQUIRE(from.dispatch_and_wait({.neuron = "n"}));
  sim.run();
  auto actors = sim.actors_alive();
  for (int i = 0; i < 10; ++i) {
    auto path = from.dispatch_offer({});
    REQUIRE(path);
    CHECK(outcome_of(path->wait(1s)) == "AGENT_OUTPUT");
  }
  sim.run();
  CHECK(sim.actors_alive() == actors);
}

// -- a winner that dies --------------------------------------------------------

TEST_CASE_METHOD(bidding_fixture,
                 "a winner that died before the award is passed over",
                 "[actors][dendrite_bidding]") {
  auto one = bidder("cheap", {.cost = 1});
  auto two = bidder("dear", {.cost = 2});
  auto pending = offer_later({.select = bid_selection::lowest_cost});
  sim.run();
  CHECK(traffic(signal_type::BID).size() == 2);
  SECTION("with its Axon") {
    // It comes back too late.
    sim.advance(200ms);
    kill(axon_actor_of(one, "cheap"));
    sim.run();
    CHECK(receivers(signal_type::DEREGISTER) == types{"cheap"});
  }
  SECTION("with its Dendrite") {
    kill(one.handle());
    sim.run();
    CHECK(outcome_of(one.start()) == "not_connected");
  }
  SECTION("by taking its leave") {
    REQUIRE(!one.stop());
  }
  SECTION("by being detached") {
    REQUIRE(!one.detach_axon("cheap"));
  }
  sim.advance(250ms);
  REQUIRE(outcome_of(*pending) == "ok");
  CHECK(receivers(signal_type::TASK_AWARDED) == types{"dear"});
  CHECK(traffic(signal_type::AGENT_OUTPUT).size() == 1);
}

TEST_CASE_METHOD(bidding_fixture,
                 "a winner that died before it began is replaced",
                 "[actors][dendrite_bidding]") {
  held_neuron held;
  auto one = bidder("cheap", {.cost = 1}, held.neuron());
  auto two = bidder("dear", {.cost = 2});
  auto pending = offer_later({.select = bid_selection::lowest_cost});
  sim.run();
  sim.advance(249ms);
  CHECK(traffic(signal_type::TASK_AWARDED).empty());
  // Up to the moment when the award is on its way.
  auto victim = axon_actor_of(one, "cheap");
  sim.advance(1ms);
  REQUIRE(outcome_of(*pending) == "ok");
  CHECK(receivers(signal_type::TASK_AWARDED) == types{"cheap"});
  CHECK(held.calls().size() == 1);
  // It has begun: now the dispatcher hears of it, and nobody else runs.
  kill(victim);
  sim.run();
  CHECK(receivers(signal_type::TASK_AWARDED) == types{"cheap"});
  CHECK(outcome_of(only(signal_type::ERROR))
        == "ERROR AXON_EXCEPTION recoverable");
}

TEST_CASE("whenever the winner dies, an offer is run once or answered for",
          "[actors][dendrite_bidding]") {
  size_t replaced = 0;
  for (bool whole_dendrite : {false, true}) {
    for (size_t steps = 0; steps < 20; ++steps) {
      CAPTURE(whole_dendrite, steps);
      bidding_fixture f{steps + 1};
      held_neuron cheap;
      held_neuron dear;
      auto one = f.bidder("cheap", {.cost = 1}, cheap.neuron());
      auto two = f.bidder("dear", {.cost = 2}, dear.neuron());
      auto victim = f.axon_actor_of(one, "cheap");
      auto pending = f.offer_later({.select = bid_selection::lowest_cost});
      f.sim.run();
      CHECK(f.traffic(signal_type::BID).size() == 2);
      // The window ends first, and somewhere in what follows the winner does.
      for (size_t i = 0; i <= steps; ++i)
        f.sim.step();
      if (whole_dendrite)
        f.kill(one.handle());
      else
        f.kill(victim);
      f.sim.run();
      f.sim.advance(1s);
      REQUIRE(*pending);
      auto begun = cheap.calls().size() + dear.calls().size();
      auto errors = f.traffic(signal_type::ERROR).size();
      CHECK(begun == 1);
      CHECK(errors == cheap.calls().size());
      replaced += dear.calls().size();
    }
  }
  CHECK(replaced > 0);
}

TEST_CASE("a bidder that died before its bid was heard does not count",
          "[actors][dendrite_bidding]") {
  for (size_t steps = 0; steps < 40; ++steps) {
    CAPTURE(steps);
    bidding_fixture f{steps + 1};
    auto one = f.bidder("cheap", {.cost = 1});
    auto two = f.bidder("dear", {.cost = 2});
    auto victim = f.axon_actor_of(one, "cheap");
    auto pending = f.offer_later({.select = bid_selection::lowest_cost});
    f.deliver(steps);
    f.kill(one.handle());
    f.sim.advance(1s);
    REQUIRE(outcome_of(*pending) == "ok");
    CHECK(f.traffic(signal_type::AGENT_OUTPUT).size() == 1);
  }
}

TEST_CASE_METHOD(bidding_fixture, "an impossible bid is refused",
                 "[actors][dendrite_bidding]") {
  auto offer = sim.build().make(payload::task_offer{}, {});
  CHECK(outcome_of(from.bid(offer, "")) == "bad_argument");
  CHECK(outcome_of(from.bid(offer, "n", {.cost = std::nan("")}))
        == "bad_argument");
  CHECK(outcome_of(from.bid(offer, "n", {.eta = -1ms})) == "bad_argument");
  CHECK(outcome_of(from.bid(
          offer, "n", {.confidence = std::numeric_limits<double>::infinity()}))
        == "bad_argument");
}

TEST_CASE_METHOD(bidding_fixture,
                 "a window may be as long as it likes, or none",
                 "[actors][dendrite_bidding]") {
  auto host = serving("n", echo());
  auto endless = offer_later({.deadline = std::chrono::milliseconds::max()});
  sim.run();
  CHECK(outcome_of(*endless) == "ok");
  CHECK(outcome_of(from.dispatch_offer({.deadline = 0ms})) == "ok");
  CHECK_FALSE(
    traffic(signal_type::TASK_OFFER).back().payload().contains("deadline_ms"));
}

TEST_CASE_METHOD(bidding_fixture,
                 "when all who bid are gone the dispatcher is told",
                 "[actors][dendrite_bidding]") {
  auto one = bidder("cheap", {.cost = 1});
  auto pending = offer_later({.select = bid_selection::lowest_cost});
  sim.run();
  kill(one.handle());
  sim.advance(250ms);
  CHECK(outcome_of(*pending) == "timeout");
  CHECK(text_of(**pending) == "all who bid are gone");
}

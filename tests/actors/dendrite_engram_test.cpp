// SPDX-License-Identifier: Apache-2.0
#include "support/bed.hpp"
#include "support/odd_engram.hpp"
#include "support/recorded_log.hpp"
#include <cosmo/served_engram.hpp>

#include <catch2/catch_test_macros.hpp>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

namespace {

using texts = std::vector<std::string>;

struct engram_fixture : bed {
  engram_fixture() {
    REQUIRE(!from.start());
  }

  dendrite hosting(engram what, std::string id = "memory") {
    auto result = worker(std::move(id));
    REQUIRE(result.attach_engram(std::move(what)));
    REQUIRE(!result.start());
    return result;
  }

  static engram notes(std::string id = "notes", std::string kind = "keyvalue") {
    return std::make_shared<memory_engram>(memory_engram_options{
      .engram_id = std::move(id), .engram_kind = std::move(kind)});
  }

  /// Appends a text and waits for the receipt.
  imprint_receipt append(std::string content, std::string id = "notes",
                         std::optional<std::string> trace_id = {}) {
    auto receipt = from.imprint({.engram_id = std::move(id),
                                 .op = "append",
                                 .entry = {{"content", std::move(content)}},
                                 .await_ack = true,
                                 .trace_id = std::move(trace_id)});
    REQUIRE(receipt);
    REQUIRE(*receipt);
    return **receipt;
  }

  texts contents(const recall_result& found) {
    texts result;
    for (auto& hit : found)
      result.push_back(hit.entry.at("content").get<std::string>());
    return result;
  }

  texts contents(std::string id = "notes") {
    auto found = from.recall({.engram_id = std::move(id)});
    REQUIRE(found);
    return contents(*found);
  }

  answer<recall_result> recall_later(recall_options what) {
    return ask_later<recall_result>(from.handle(), recall_atom_v, std::string{},
                                    std::move(what));
  }

  answer<imprint_receipt> imprint_later(imprint_options what) {
    what.await_ack = true;
    if (what.op.empty())
      what.op = "append";
    return ask_later<imprint_receipt>(from.handle(), imprint_atom_v,
                                      wait_atom_v, std::string{},
                                      std::move(what));
  }

  dendrite from = orchestrator();
};

} // namespace

// -- asking --------------------------------------------------------------------

TEST_CASE_METHOD(engram_fixture, "an empty Engram answers with nothing",
                 "[actors][dendrite_engram]") {
  auto host = hosting(notes());
  auto found = from.recall({.engram_id = "notes", .deadline = 500ms});
  REQUIRE(found);
  CHECK_FALSE(*found);
  CHECK(found->hits.empty());
  CHECK(found->engram_ids == texts{"notes"});
  CHECK_FALSE(found->truncated);
}

TEST_CASE_METHOD(engram_fixture, "what was written and acknowledged is found",
                 "[actors][dendrite_engram]") {
  auto host = hosting(notes());
  auto receipt = append("the cat sat");
  CHECK(receipt.ok());
  CHECK(receipt.id);
  CHECK(receipt.engram_id == "notes");
  CHECK(receipt.op == "append");
  CHECK(receipt.version == 1);
  auto found = from.recall({.engram_id = "notes", .query = {{"text", "CAT"}}});
  REQUIRE(found);
  CHECK(*found);
  CHECK(contents(*found) == texts{"the cat sat"});
  CHECK(found->hits[0].id == *receipt.id);
}

TEST_CASE_METHOD(engram_fixture, "requests and replies name each other",
                 "[actors][dendrite_engram]") {
  auto host = hosting(notes());
  (void)from.recall({.engram_id = "notes",
                     .query = {{"text", "x"}},
                     .filters = {{"tags", {"t"}}},
                     .deadline = 2s,
                     .min_confidence = 0.5,
                     .trace_id = "trc_t",
                     .parent_id = "evt_p",
                     .meta = {{"k", "v"}}});
  auto asked = traffic(signal_type::RECALL).at(0);
  CHECK(asked.payload()
        == json{{"query", {{"text", "x"}}},
                {"recall_mode", "first"},
                {"filters", {{"tags", {"t"}}}},
                {"deadline_ms", 2000},
                {"min_confidence", 0.5}});
  CHECK(asked.trace_id() == "trc_t");
  CHECK(asked.parent_id() == "evt_p");
  CHECK(asked.directed_id() == "notes");
  CHECK(asked.meta() == json{{"k", "v"}});
  auto told = traffic(signal_type::RECALLED).at(0);
  CHECK(told.trace_id() == "trc_t");
  CHECK(told.parent_id() == asked.id());
  CHECK(told.directed() == directed{"notes", "keyvalue", {}});
  CHECK(told.payload()
        == json{{"engram_id", "notes"},
                {"hits", json::array()},
                {"truncated", false},
                {"took_ms", 0}});
  append("y");
  auto wrote = traffic(signal_type::IMPRINT).at(0);
  CHECK(wrote.payload()
        == json{{"op", "append"}, {"entry", {{"content", "y"}}}});
  auto done = traffic(signal_type::IMPRINTED).at(0);
  CHECK(done.parent_id() == wrote.id());
  CHECK(done.directed() == directed{"notes", "keyvalue", {}});
}

TEST_CASE_METHOD(engram_fixture,
                 "an imprint that is not waited for still happens",
                 "[actors][dendrite_engram]") {
  auto host = hosting(notes());
  auto nothing = from.imprint(
    {.engram_id = "notes", .op = "add", .entry = {{"content", "x"}}});
  REQUIRE(nothing);
  CHECK_FALSE(*nothing);
  sim.run();
  CHECK(contents() == texts{"x"});
}

TEST_CASE_METHOD(engram_fixture, "a refused write says why in its receipt",
                 "[actors][dendrite_engram]") {
  auto host = hosting(notes());
  auto receipt = from.imprint({.engram_id = "notes",
                               .op = "merge",
                               .merge_key = "unknown",
                               .await_ack = true});
  REQUIRE(receipt);
  CHECK((*receipt)->error == "no entry for merge_key='unknown'");
  CHECK(traffic(signal_type::ERROR).empty());
}

TEST_CASE_METHOD(engram_fixture,
                 "bad arguments are refused before anything is sent",
                 "[actors][dendrite_engram]") {
  auto text = [](auto x) { return outcome_of(x) + ": " + text_of(x); };
  CHECK(outcome_of(from.recall({})) == "bad_argument");
  CHECK(outcome_of(from.imprint({.engram_id = "n", .op = "update"}))
        == "bad_argument");
  CHECK(outcome_of(from.imprint({.engram_id = "n", .op = "merge"}))
        == "bad_argument");
  CHECK(outcome_of(from.imprint({.op = "add"})) == "bad_argument");
  CHECK(text(from.recall({.engram_id = "n", .deadline = -1ms}))
        == "bad_argument: deadline must not be negative: -1 ms");
  CHECK(outcome_of(from.recall({.engram_id = "n", .trace_id = "x"}))
        == "bad_trace_id");
  CHECK(traffic(signal_type::RECALL).empty());
  CHECK(traffic(signal_type::IMPRINT).empty());
}

TEST_CASE_METHOD(engram_fixture, "workers may recall and imprint, too",
                 "[actors][dendrite_engram]") {
  auto host = hosting(notes());
  CHECK(outcome_of(host.recall({.engram_id = "notes"})) == "ok");
  CHECK(outcome_of(host.imprint(
          {.engram_id = "notes", .op = "append", .await_ack = true}))
        == "ok");
}

// -- modes ---------------------------------------------------------------------

TEST_CASE_METHOD(engram_fixture, "the first answer of a kind counts",
                 "[actors][dendrite_engram]") {
  auto one = hosting(notes("one"), "host of one");
  auto two = hosting(notes("two"), "host of two");
  append("a", "one");
  append("b", "two");
  auto found = from.recall({.engram_kind = "keyvalue"});
  REQUIRE(found);
  CHECK(found->engram_ids.size() == 1);
  sim.run();
  CHECK(traffic(signal_type::RECALLED).size() == 2);
}

TEST_CASE_METHOD(engram_fixture, "all answers of a kind are merged, best first",
                 "[actors][dendrite_engram]") {
  auto one = hosting(notes("one"), "host of one");
  auto two = hosting(notes("two"), "host of two");
  append("a very long text", "one");
  append("text", "two");
  for (auto mode : {recall_mode::merge, recall_mode::all}) {
    auto pending = recall_later(
      {.engram_kind = "keyvalue", .query = {{"text", "text"}}, .mode = mode});
    sim.advance(999ms);
    CHECK(outcome_of(*pending) == "nothing yet");
    sim.advance(1ms);
    REQUIRE(outcome_of(*pending) == "ok");
    auto& found = **pending;
    CHECK(contents(*found) == texts{"text", "a very long text"});
    CHECK(found->engram_ids == texts{"one", "two"});
    CHECK_FALSE(found->took_ms);
  }
}

TEST_CASE_METHOD(engram_fixture, "each answer can be seen as it comes",
                 "[actors][dendrite_engram]") {
  auto host = hosting(notes("one"));
  REQUIRE(host.add_engram(notes("two")));
  append("x", "one");
  append("y", "two");
  texts parts;
  recall_options what{
    .engram_kind = "keyvalue", .deadline = 200ms, .mode = recall_mode::all};
  what.on_reply = [&](const recall_result& part) {
    REQUIRE(part.engram_ids.size() == 1);
    parts.push_back(part.engram_ids[0] + ": " + contents(part).at(0));
  };
  auto pending = recall_later(what);
  sim.run();
  CHECK(parts == texts{"one: x", "two: y"});
  CHECK(outcome_of(*pending) == "nothing yet");
  sim.advance(200ms);
  REQUIRE(outcome_of(*pending) == "ok");
  CHECK(contents(***pending) == texts{"x", "y"});
  what.mode = recall_mode::first;
  what.on_reply = [&](const recall_result&) { throw std::runtime_error{"no"}; };
  CHECK(from.recall(what));
}

TEST_CASE_METHOD(engram_fixture, "nobody to merge is an empty result",
                 "[actors][dendrite_engram]") {
  auto pending = recall_later(
    {.engram_kind = "nobody", .deadline = 200ms, .mode = recall_mode::merge});
  sim.advance(200ms);
  REQUIRE(outcome_of(*pending) == "ok");
  CHECK((**pending)->engram_ids.empty());
}

TEST_CASE_METHOD(engram_fixture,
                 "an imprint by kind is made by all of the kind",
                 "[actors][dendrite_engram]") {
  auto host = hosting(notes("one"));
  REQUIRE(host.add_engram(notes("two")));
  REQUIRE(host.add_engram(notes("other", "context")));
  auto receipt = from.imprint({.engram_kind = "keyvalue",
                               .op = "append",
                               .entry = {{"content", "x"}},
                               .await_ack = true});
  REQUIRE(receipt);
  CHECK((*receipt)->engram_id == "one");
  sim.run();
  CHECK(contents("one") == texts{"x"});
  CHECK(contents("two") == texts{"x"});
  CHECK(contents("other").empty());
}

TEST_CASE_METHOD(engram_fixture, "an id is not mistaken for a kind",
                 "[actors][dendrite_engram]") {
  auto host = hosting(notes("notes", "keyvalue"));
  auto found = from.recall(
    {.engram_id = "unknown", .engram_kind = "keyvalue", .deadline = 80ms});
  CHECK(outcome_of(found) == "engram_timeout");
}

// -- deadlines and ends --------------------------------------------------------

TEST_CASE_METHOD(engram_fixture,
                 "an Engram that is not there does not answer in time",
                 "[actors][dendrite_engram]") {
  auto pending = recall_later({.engram_id = "nowhere", .deadline = 80ms});
  sim.advance(79ms);
  CHECK(outcome_of(*pending) == "nothing yet");
  sim.advance(1ms);
  CHECK(outcome_of(*pending) == "engram_timeout");
  CHECK(text_of(**pending) == "no answer in time from nowhere");
}

TEST_CASE_METHOD(engram_fixture,
                 "without a deadline it is that of the Dendrite",
                 "[actors][dendrite_engram]") {
  auto recalled = recall_later({.engram_id = "nowhere"});
  auto imprinted = imprint_later({.engram_id = "nowhere"});
  auto endless = recall_later({.engram_id = "nowhere", .deadline = 0ms});
  sim.advance(29s);
  CHECK(outcome_of(*recalled) == "nothing yet");
  sim.advance(1s);
  CHECK(outcome_of(*recalled) == "engram_timeout");
  CHECK(outcome_of(*imprinted) == "engram_timeout");
  sim.advance(24h);
  CHECK(outcome_of(*endless) == "nothing yet");
  CHECK_FALSE(
    traffic(signal_type::RECALL)[0].payload().contains("deadline_ms"));
}

TEST_CASE_METHOD(engram_fixture, "the end of the trace ends what waits on it",
                 "[actors][dendrite_engram]") {
  auto recalled = recall_later({.engram_id = "nowhere", .trace_id = "trc_t"});
  auto imprinted = imprint_later({.engram_id = "nowhere", .trace_id = "trc_t"});
  auto other = recall_later({.engram_id = "nowhere", .trace_id = "trc_u"});
  sim.run();
  emit_options about{.trace_id = "trc_t", .parent_id = "evt_p"};
  SECTION("by FINAL") {
    REQUIRE(from.emit_final({}, about));
  }
  SECTION("by ERROR") {
    REQUIRE(from.emit_error({}, about));
  }
  SECTION("by STOP") {
    REQUIRE(from.emit_stop("trc_t"));
  }
  sim.run();
  CHECK(outcome_of(*recalled) == "engram_cancelled");
  CHECK(outcome_of(*imprinted) == "engram_cancelled");
  CHECK(outcome_of(*other) == "nothing yet");
  REQUIRE(!from.stop());
  sim.run();
  CHECK(outcome_of(*other) == "engram_cancelled");
}

TEST_CASE_METHOD(engram_fixture, "what has come before the end is kept",
                 "[actors][dendrite_engram]") {
  auto host = hosting(notes());
  append("x");
  auto pending = recall_later(
    {.engram_id = "notes", .mode = recall_mode::merge, .trace_id = "trc_t"});
  sim.run();
  REQUIRE(from.emit_stop("trc_t"));
  sim.run();
  REQUIRE(outcome_of(*pending) == "ok");
  CHECK(contents(***pending) == texts{"x"});
}

TEST_CASE_METHOD(engram_fixture, "only the addressee can answer, and once",
                 "[actors][dendrite_engram]") {
  auto pending
    = recall_later({.engram_id = "notes", .deadline = 1s, .trace_id = "trc_t"});
  sim.run();
  auto asked = traffic(signal_type::RECALL).at(0);
  auto reply = [&](std::string parent, std::string who) {
    REQUIRE(!bus.publish("cosmonapse.default.RECALLED",
                         sim.build().make(payload::recalled{.engram_id = who},
                                          {.trace_id = "trc_t",
                                           .parent_id = std::move(parent),
                                           .directed = directed::to(who)})));
    sim.run();
  };
  reply("evt_other", "notes");
  CHECK(outcome_of(*pending) == "nothing yet");
  reply(asked.id(), "stranger");
  CHECK(outcome_of(*pending) == "nothing yet");
  reply(asked.id(), "notes");
  REQUIRE(outcome_of(*pending) == "ok");
  CHECK((**pending)->engram_ids == texts{"notes"});
  reply(asked.id(), "notes");
}

TEST_CASE_METHOD(engram_fixture,
                 "hits are read as leniently as they may be written",
                 "[actors][dendrite_engram]") {
  auto pending = recall_later({.engram_id = "notes", .trace_id = "trc_t"});
  sim.run();
  header hdr{.id = "evt_r", .trace_id = "trc_t"};
  hdr.parent_id = traffic(signal_type::RECALL).at(0).id();
  hdr.directed = directed::to("notes");
  REQUIRE(!bus.publish(
    "cosmonapse.default.RECALLED",
    signal::make_wire(
      hdr, signal_type::RECALLED,
      {{"engram_id", "notes"},
       {"hits",
        {7, json::object(), {{"id", 3}, {"entry", "text"}, {"score", "no"}}}},
       {"truncated", true}})));
  sim.run();
  REQUIRE(outcome_of(*pending) == "ok");
  auto& found = **pending;
  REQUIRE(found->hits.size() == 2);
  CHECK(found->hits[0].id.empty());
  CHECK(found->hits[0].score == 1.0);
  CHECK(found->hits[1].id == "3");
  CHECK(found->hits[1].entry == json{{"value", "text"}});
  CHECK(found->truncated);
}

// -- hosting -------------------------------------------------------------------

TEST_CASE_METHOD(engram_fixture,
                 "an Engram announces itself once it is connected",
                 "[actors][dendrite_engram]") {
  auto host = hosting(notes());
  auto said = traffic(signal_type::REGISTER).at(0);
  CHECK(said.directed_id() == "notes");
  CHECK(said.directed()->type == "keyvalue");
  CHECK(said.payload()
        == json{{"role", "engram"},
                {"capabilities", {"substring", "tags", "merge_key"}},
                {"version", "0.0.1"},
                {"engram", true}});
  sim.advance(60s);
  CHECK(traffic(signal_type::REGISTER).size() == 3);
  CHECK(traffic(signal_type::HEARTBEAT).empty());
  REQUIRE(from.emit(sim.build().make(payload::discover{.neuron = "notes"}, {}))
          == caf::error{});
  sim.advance(200ms);
  CHECK(traffic(signal_type::REGISTER).size() == 4);
  REQUIRE(!host.stop("bye"));
  sim.run();
  auto left = traffic(signal_type::DEREGISTER);
  REQUIRE(left.size() == 1);
  CHECK(left[0].directed_id() == "notes");
  CHECK(left[0].payload() == json{{"reason", "bye"}});
}

TEST_CASE_METHOD(engram_fixture, "a host of Engrams knows those of others",
                 "[actors][dendrite_engram]") {
  auto one = hosting(notes("one"), "host of one");
  auto two = hosting(notes("two", "context"), "host of two");
  sim.run();
  CHECK(one.is_engram_known("one"));
  CHECK(one.is_engram_known("two"));
  CHECK(one.is_engram_known("", "context"));
  CHECK_FALSE(one.is_engram_known("three"));
  CHECK_FALSE(one.is_engram_known("", "relational"));
  REQUIRE(!two.stop());
  sim.run();
  CHECK_FALSE(one.is_engram_known("two"));
}

TEST_CASE_METHOD(engram_fixture, "an Engram belongs to one Dendrite, once",
                 "[actors][dendrite_engram]") {
  auto mine = notes();
  auto host = hosting(mine);
  CHECK(outcome_of(host.attach_engram(notes())) == "already_exists");
  CHECK(outcome_of(from.attach_engram(mine)) == "already_attached");
  CHECK(outcome_of(host.detach_engram("other")) == "not_found");
  CHECK(outcome_of(from.attach_engram(engram{})) == "bad_config");
  CHECK(outcome_of(from.attach_engram(notes(""))) == "bad_config");
  REQUIRE(host.engrams().size() == 1);
  REQUIRE(!host.detach_engram("notes"));
  CHECK(host.engrams().empty());
  CHECK(from.add_engram(mine));
}

TEST_CASE_METHOD(engram_fixture,
                 "an Engram attached late waits for the next start",
                 "[actors][dendrite_engram]") {
  recorded_log log;
  auto host = worker();
  REQUIRE(!host.start());
  REQUIRE(host.attach_engram(notes()));
  CHECK(log.count("add_engram") == 1);
  CHECK(outcome_of(from.recall({.engram_id = "notes", .deadline = 50ms}))
        == "engram_timeout");
  REQUIRE(!host.stop());
  REQUIRE(!host.start());
  CHECK(outcome_of(from.recall({.engram_id = "notes", .deadline = 50ms}))
        == "ok");
}

TEST_CASE_METHOD(engram_fixture,
                 "a stopped Engram is closed, and may come back",
                 "[actors][dendrite_engram]") {
  auto odd = std::make_shared<odd_engram>();
  auto host = hosting(odd);
  append("x", "odd");
  REQUIRE(!host.stop());
  CHECK(odd->closes == 1);
  CHECK(outcome_of(from.recall({.engram_id = "odd", .deadline = 50ms}))
        == "engram_timeout");
  REQUIRE(!host.start());
  CHECK(odd->connects == 2);
  CHECK(contents("odd") == texts{"x"});
  REQUIRE(!host.detach_engram("odd"));
  CHECK(odd->closes == 2);
}

TEST_CASE_METHOD(engram_fixture, "an Engram with nothing to say keeps silent",
                 "[actors][dendrite_engram]") {
  auto odd = std::make_shared<odd_engram>();
  odd->silent = true;
  auto host = hosting(odd);
  CHECK(outcome_of(from.recall({.engram_id = "odd", .deadline = 50ms}))
        == "engram_timeout");
}

TEST_CASE_METHOD(engram_fixture, "writes that wait together are made together",
                 "[actors][dendrite_engram]") {
  auto odd = std::make_shared<odd_engram>();
  auto host = hosting(odd);
  std::vector<answer<imprint_receipt>> pending;
  for (int i = 0; i < 50; ++i)
    pending.push_back(imprint_later({.engram_id = "odd"}));
  sim.run();
  for (auto& receipt : pending)
    CHECK(outcome_of(*receipt) == "ok");
  size_t writes = 0;
  for (auto size : odd->batches)
    writes += size;
  CHECK(writes == 50);
  CHECK(odd->batches.size() < 25);
}

TEST_CASE_METHOD(engram_fixture, "a repeated IMPRINT is made once",
                 "[actors][dendrite_engram]") {
  auto host = hosting(notes());
  auto write = sim.build().make(
    payload::imprint{"append", {{"content", "x"}}, {}},
    {.parent_id = "evt_p", .directed = directed::to("notes")});
  for (int i = 0; i < 3; ++i)
    REQUIRE(!bus.publish("cosmonapse.default.IMPRINT", write));
  sim.run();
  CHECK(traffic(signal_type::IMPRINTED).size() == 3);
  CHECK(contents() == texts{"x"});
}

TEST_CASE_METHOD(engram_fixture,
                 "an entry that is no object is refused by name",
                 "[actors][dendrite_engram]") {
  auto host = hosting(notes());
  header hdr{.id = "evt_w", .trace_id = "trc_t"};
  hdr.directed = directed::to("notes");
  REQUIRE(!bus.publish("cosmonapse.default.IMPRINT",
                       signal::make_wire(hdr, signal_type::IMPRINT,
                                         {{"op", "add"}, {"entry", 7}})));
  sim.run();
  auto told = traffic(signal_type::IMPRINTED).at(0);
  CHECK(told.payload()["error"] == "invalid_entry: not an object but a number");
}

TEST_CASE_METHOD(engram_fixture, "a RECALL that came too late is not answered",
                 "[actors][dendrite_engram]") {
  auto odd = std::make_shared<odd_engram>();
  odd->refuse_connects = 3;
  auto host = worker();
  REQUIRE(host.attach_engram(odd));
  REQUIRE(!host.start());
  auto late = recall_later({.engram_id = "odd", .deadline = 10ms});
  auto patient = recall_later({.engram_id = "odd", .deadline = 10s});
  sim.advance(5s);
  CHECK(outcome_of(*late) == "engram_timeout");
  CHECK(outcome_of(*patient) == "ok");
  CHECK(traffic(signal_type::RECALLED).size() == 1);
}

TEST_CASE_METHOD(engram_fixture, "an Engram brings its handlers and hooks",
                 "[actors][dendrite_engram]") {
  auto mine = notes();
  texts heard;
  mine.host().on_imprint_signal(
    [&](const signal&) { heard.push_back("imprint"); });
  mine.host().on_imprint_signal(
    [&](const signal&) { heard.push_back("never"); }, {.neuron = "writer"});
  mine.on_connect(
    [&](const engram& me) { heard.push_back("connect " + me.engram_id()); });
  REQUIRE(!mine.on_schedule(
    10s, [&](const engram&) { heard.push_back("schedule"); }));
  CHECK(outcome_of(mine.on_schedule(0s, [](const engram&) {}))
        == "bad_argument");
  CHECK(outcome_of(mine.refresh()) == "not_attached");
  auto host = hosting(mine);
  append("x");
  sim.run();
  CHECK(heard == texts{"connect notes", "imprint"});
  sim.advance(10s);
  CHECK(heard.back() == "schedule");
  // Handlers are registered once, hooks run at each start.
  REQUIRE(!host.stop());
  REQUIRE(!host.start());
  append("y");
  sim.run();
  CHECK(std::ranges::count(heard, "imprint") == 2);
  CHECK(std::ranges::count(heard, "connect notes") == 2);
}

// -- failures ------------------------------------------------------------------

TEST_CASE_METHOD(engram_fixture, "a backend that does not open is tried again",
                 "[actors][dendrite_engram]") {
  auto odd = std::make_shared<odd_engram>();
  odd->refuse_connects = 2;
  auto host = worker();
  REQUIRE(host.attach_engram(odd));
  REQUIRE(!host.start());
  CHECK(odd->connects == 1);
  CHECK(traffic(signal_type::REGISTER).empty());
  sim.advance(100ms);
  CHECK(odd->connects == 2);
  sim.advance(200ms);
  CHECK(odd->connects == 3);
  CHECK(traffic(signal_type::REGISTER).size() == 1);
}

TEST_CASE_METHOD(engram_fixture, "a backend that throws fails one request only",
                 "[actors][dendrite_engram]") {
  recorded_log log;
  auto odd = std::make_shared<odd_engram>();
  auto host = hosting(odd);
  odd->throw_at_writes = 1;
  auto receipt = append("x", "odd");
  CHECK(receipt.error == "engram_exception: out of sorts");
  CHECK(append("y", "odd").ok());
  CHECK(odd->connects == 1);
}

TEST_CASE_METHOD(engram_fixture, "a backend whose storage fails is opened anew",
                 "[actors][dendrite_engram]") {
  recorded_log log;
  auto odd = std::make_shared<odd_engram>();
  texts heard;
  engram mine{odd};
  mine.on_refresh([&](const engram&, const refresh_event& event) {
    heard.push_back(event.reason);
  });
  auto host = hosting(mine);
  CHECK(append("x", "odd").ok());
  SECTION("in a write") {
    odd->break_writes = 1;
    CHECK(append("lost", "odd").error
          == "engram_exception: the disk is on fire");
  }
  SECTION("in a recall, which is met by silence") {
    odd->break_recalls = 1;
    CHECK(outcome_of(from.recall({.engram_id = "odd", .deadline = 50ms}))
          == "engram_timeout");
  }
  // Who asks meanwhile is served afterwards.
  CHECK(append("y", "odd").ok());
  CHECK(odd->connects == 2);
  CHECK(contents("odd") == texts{"y", "x"});
  sim.run();
  CHECK(heard == texts{"restart"});
  CHECK(traffic(signal_type::DEREGISTER).empty());
}

TEST_CASE_METHOD(engram_fixture,
                 "a backend that keeps failing is called unavailable",
                 "[actors][dendrite_engram]") {
  recorded_log log;
  auto odd = std::make_shared<odd_engram>();
  auto host = hosting(odd);
  odd->refuse_connects = 100;
  odd->break_writes = 1;
  append("x", "odd");
  auto waiting = imprint_later({.engram_id = "odd"});
  sim.advance(5s);
  REQUIRE(outcome_of(*waiting) == "ok");
  CHECK((**waiting)->error->starts_with("engram_unavailable"));
  CHECK(append("y", "odd").error->starts_with("engram_unavailable"));
  CHECK(traffic(signal_type::DEREGISTER).size() == 1);
  CHECK(log.count("engram-unavailable") == 1);
  // Now and then it is looked after.
  auto before = odd->connects;
  odd->refuse_connects = 0;
  sim.advance(30s);
  CHECK(odd->connects == before + 1);
  CHECK(append("z", "odd").ok());
}

TEST_CASE_METHOD(engram_fixture, "too many requests are refused, not lost",
                 "[actors][dendrite_engram]") {
  recorded_log log;
  auto odd = std::make_shared<odd_engram>();
  odd->refuse_connects = 1;
  auto host = worker();
  REQUIRE(host.attach_engram(odd));
  REQUIRE(!host.start());
  std::vector<answer<imprint_receipt>> pending;
  for (int i = 0; i < 1'100; ++i)
    pending.push_back(imprint_later({.engram_id = "odd"}));
  sim.run();
  sim.advance(1s);
  int written = 0;
  int refused = 0;
  for (auto& receipt : pending) {
    REQUIRE(outcome_of(*receipt) == "ok");
    if ((**receipt)->ok())
      ++written;
    else if ((**receipt)->error->starts_with("engram_overloaded"))
      ++refused;
  }
  CHECK(written == 1'024);
  CHECK(refused == 76);
}

TEST_CASE_METHOD(engram_fixture,
                 "an Engram whose Dendrite died leaves its callers waiting no "
                 "longer than they want",
                 "[actors][dendrite_engram]") {
  auto mine = notes();
  auto host = hosting(mine);
  append("x");
  kill(host.handle());
  sim.run();
  CHECK(outcome_of(from.recall({.engram_id = "notes", .deadline = 50ms}))
        == "engram_timeout");
  // It may be hosted elsewhere.
  CHECK(from.add_engram(mine));
  CHECK(outcome_of(from.recall({.engram_id = "notes"})) == "ok");
}

TEST_CASE_METHOD(engram_fixture,
                 "a sweep happens at the start and every minute",
                 "[actors][dendrite_engram]") {
  auto odd = std::make_shared<odd_engram>();
  auto host = hosting(odd);
  CHECK(odd->sweeps == 1);
  sim.advance(3min);
  CHECK(odd->sweeps == 4);
  REQUIRE(!host.stop());
  sim.advance(3min);
  CHECK(odd->sweeps == 4);
}

TEST_CASE_METHOD(engram_fixture, "a sweep that fails is no reason not to serve",
                 "[actors][dendrite_engram]") {
  recorded_log log;
  auto odd = std::make_shared<odd_engram>();
  odd->break_sweeps = true;
  auto host = hosting(odd);
  sim.advance(1min);
  CHECK(append("x", "odd").ok());
  CHECK(odd->connects == 1);
  CHECK(log.count("sweep-failed") == 2);
}

TEST_CASE_METHOD(
  engram_fixture,
  "one that stays unavailable says so once and is looked after calmly",
  "[actors][dendrite_engram]") {
  recorded_log log;
  auto odd = std::make_shared<odd_engram>();
  auto host = hosting(odd);
  odd->refuse_connects = 1'000;
  odd->break_writes = 1;
  append("x", "odd");
  sim.advance(5min);
  CHECK(traffic(signal_type::DEREGISTER).size() == 1);
  CHECK(odd->connects < 20);
  CHECK(append("y", "odd").error->starts_with("engram_unavailable"));
}

TEST_CASE_METHOD(engram_fixture,
                 "one that leaves while it restarts takes its leave",
                 "[actors][dendrite_engram]") {
  recorded_log log;
  auto odd = std::make_shared<odd_engram>();
  auto host = hosting(odd);
  odd->break_writes = 1;
  append("x", "odd");
  SECTION("by a stop") {
    REQUIRE(!host.stop());
    sim.run();
    CHECK(traffic(signal_type::DEREGISTER).size() == 1);
  }
  SECTION("by being detached") {
    REQUIRE(!host.detach_engram("odd"));
    sim.run();
    CHECK(traffic(signal_type::DEREGISTER).size() == 1);
  }
}

TEST_CASE_METHOD(
  engram_fixture,
  "a backend is served by one Dendrite, whatever handles there are",
  "[actors][dendrite_engram]") {
  auto odd = std::make_shared<odd_engram>();
  auto host = hosting(odd);
  CHECK(outcome_of(from.attach_engram(odd)) == "already_attached");
  // While it is closing it belongs to nobody else yet.
  auto gone = ask_later<caf::unit_t>(host.handle(), detach_atom_v,
                                     recall_atom_v, "odd"s);
  auto back
    = ask_later<caf::unit_t>(host.handle(), attach_atom_v, engram{odd}, true);
  sim.run();
  CHECK(outcome_of(*gone) == "ok");
  CHECK(outcome_of(*back) == "already_attached");
  CHECK(outcome_of(from.add_engram(odd)) == "ok");
}

TEST_CASE_METHOD(engram_fixture,
                 "a Dendrite that dies while it detaches lets go, too",
                 "[actors][dendrite_engram]") {
  for (size_t steps = 0; steps < 8; ++steps) {
    CAPTURE(steps);
    auto odd = std::make_shared<odd_engram>();
    auto host = hosting(odd, "host " + std::to_string(steps));
    auto gone = ask_later<caf::unit_t>(host.handle(), detach_atom_v,
                                       recall_atom_v, "odd"s);
    deliver(steps);
    kill(host.handle());
    sim.run();
    CHECK(outcome_of(from.add_engram(odd)) == "ok");
    REQUIRE(!from.detach_engram("odd"));
  }
}

TEST_CASE_METHOD(engram_fixture,
                 "what keeps an Engram from opening is told to whoever adds it",
                 "[actors][dendrite_engram]") {
  recorded_log log;
  auto odd = std::make_shared<odd_engram>();
  odd->refuse_connects = 1;
  CHECK(outcome_of(from.add_engram(odd)) == "store_io");
  sim.advance(1s);
  CHECK(outcome_of(from.recall({.engram_id = "odd"})) == "ok");
}

TEST_CASE_METHOD(engram_fixture, "deadlines may be as long as they like",
                 "[actors][dendrite_engram]") {
  auto host = hosting(notes());
  constexpr auto longest = std::chrono::milliseconds::max();
  CHECK(outcome_of(from.recall({.engram_id = "notes", .deadline = longest}))
        == "ok");
  auto all = recall_later({.engram_id = "notes",
                           .deadline = longest,
                           .mode = recall_mode::all,
                           .trace_id = "trc_t"});
  sim.advance(1h);
  CHECK(outcome_of(*all) == "nothing yet");
  REQUIRE(from.emit_stop("trc_t"));
  sim.run();
  CHECK(outcome_of(*all) == "ok");
}

TEST_CASE_METHOD(engram_fixture,
                 "no more than ten thousand may wait for Engrams",
                 "[actors][dendrite_engram]") {
  for (int i = 0; i < 10'000; ++i)
    (void)recall_later({.engram_id = "nowhere", .deadline = 0ms});
  sim.run();
  CHECK(outcome_of(from.recall({.engram_id = "nowhere"}))
        == "engram_overloaded");
  CHECK(outcome_of(from.imprint(
          {.engram_id = "nowhere", .op = "add", .await_ack = true}))
        == "engram_overloaded");
}

TEST_CASE_METHOD(engram_fixture,
                 "an Engram outlives the bus that it was served on",
                 "[actors][dendrite_engram]") {
  recorded_log log;
  auto host = hosting(notes());
  append("x");
  kill(bus.handle());
  sim.run();
  CHECK(contents() == texts{"x"});
}

// -- served --------------------------------------------------------------------

TEST_CASE_METHOD(engram_fixture, "an Engram can be made of functions",
                 "[actors][dendrite_engram]") {
  auto made = serve({.engram_id = "made"});
  CHECK(made->describe().engram_kind == "context");
  json stored = json::object();
  made->on_recall(
    [](const recall_request& what) -> std::optional<recall_finds> {
      if (!what.query.contains("key"))
        return std::nullopt;
      return recall_finds{{{"by key", json::object(), 1.0}}};
    });
  made->on_recall([](const recall_request&) {
    return recall_finds{{{"by chance", json::object(), 0.5}}};
  });
  made->on_imprint(
    [&](const imprint_request& what) -> served_engram::imprint_answer {
      if (what.op == "delete")
        return false;
      if (what.op == "merge")
        throw std::out_of_range{"no such thing"};
      if (what.op == "add")
        return true;
      stored = what.entry;
      return std::string{"eng_1"};
    });
  auto host = hosting(made);
  auto found = from.recall({.engram_id = "made", .query = {{"key", 1}}});
  CHECK(found->hits.at(0).id == "by key");
  found = from.recall({.engram_id = "made"});
  CHECK(found->hits.at(0).id == "by chance");
  auto write = [&](std::string op) {
    return **from.imprint({.engram_id = "made",
                           .op = std::move(op),
                           .entry = {{"content", "x"}},
                           .merge_key = "k",
                           .await_ack = true});
  };
  CHECK(write("upsert").id == "eng_1");
  CHECK(stored == json{{"content", "x"}});
  CHECK(write("add").ok());
  CHECK_FALSE(write("add").id);
  CHECK(write("delete").error == "unhandled imprint op 'delete'");
  CHECK(write("merge").error == "std::out_of_range: no such thing");
}

TEST_CASE_METHOD(engram_fixture, "an Engram of functions serves what it says",
                 "[actors][dendrite_engram]") {
  auto made = serve({.engram_id = "made"});
  auto host = hosting(made);
  auto ask = [&](json query) {
    return outcome_of(from.recall(
      {.engram_id = "made", .query = std::move(query), .deadline = 50ms}));
  };
  CHECK(ask(json::object()) == "engram_timeout");
  made->serves([](const json& query) { return query.contains("mine"); });
  CHECK(ask(json::object()) == "engram_timeout");
  CHECK(ask({{"mine", 1}}) == "ok");
}

// -- in a Neuron ---------------------------------------------------------------

namespace {

struct bound_fixture : engram_fixture {
  dendrite with(any_neuron neuron, std::vector<engram_binding> engrams) {
    return serving({{.neuron_id = "n",
                     .neuron = std::move(neuron),
                     .engrams = std::move(engrams)}});
  }
};

} // namespace

TEST_CASE_METHOD(bound_fixture,
                 "a Neuron uses the Engrams that its Axon declares",
                 "[actors][dendrite_engram]") {
  auto memory = hosting(notes());
  auto host = with(
    [](const json&, const json&, const neuron_io& io) -> caf::expected<json> {
      auto before = io.recall("shelf");
      if (!before)
        return before.error();
      auto receipt = io.imprint(
        "shelf",
        {.op = "append", .entry = {{"content", "note"}}, .await_ack = true});
      if (!receipt)
        return receipt.error();
      return json{{"before", before->hits.size()}, {"ok", (*receipt)->ok()}};
    },
    {{.name = "shelf", .directed_id = "notes"}});
  auto reply = from.dispatch_and_wait({.neuron = "n", .trace_id = "trc_t"});
  CHECK(outcome_of(reply) == "AGENT_OUTPUT");
  CHECK(reply->output() == json{{"before", 0}, {"ok", true}});
  CHECK(contents() == texts{"note"});
  // On the trace of the TASK, with the TASK as parent.
  auto task = traffic(signal_type::TASK).at(0);
  CHECK(story("trc_t")
        == "TASK RECALL RECALLED IMPRINT IMPRINTED AGENT_OUTPUT");
  CHECK(traffic(signal_type::RECALL).at(0).parent_id() == task.id());
  CHECK(traffic(signal_type::IMPRINT).at(0).parent_id() == task.id());
}

TEST_CASE_METHOD(bound_fixture, "an asynchronous Neuron is called back",
                 "[actors][dendrite_engram]") {
  auto memory = hosting(notes());
  append("x");
  auto host = with(
    neuron::async(
      [](const json&, const json&, neuron_io io, neuron_promise done) {
        // Waiting is refused where it would hold a thread.
        CHECK(outcome_of(io.recall("shelf")) == "bad_argument");
        CHECK(outcome_of(io.imprint("shelf", {.op = "add"})) == "bad_argument");
        io.imprint("shelf", {.op = "append", .entry = {{"content", "y"}}},
                   [io, done](auto nothing) {
                     CHECK(nothing);
                     io.recall("shelf", {}, [done](auto found) {
                       CHECK(found);
                       done.deliver({{"found", found->hits.size()}});
                     });
                   });
      }),
    {{.name = "shelf", .directed_type = "keyvalue"}});
  auto reply = from.dispatch_and_wait({.neuron = "n"});
  CHECK(outcome_of(reply) == "AGENT_OUTPUT");
  CHECK(reply->output() == json{{"found", 2}});
}

TEST_CASE_METHOD(bound_fixture, "a binding has its own deadline and mode",
                 "[actors][dendrite_engram]") {
  auto host = with(
    [](const json&, const json&, const neuron_io& io) -> json {
      return {{"late", outcome_of(io.recall("slow"))},
              {"write", outcome_of(io.imprint(
                          "slow", {.op = "add", .await_ack = true}))},
              {"all", outcome_of(io.recall("all"))}};
    },
    {{.name = "slow", .directed_id = "nowhere", .default_deadline = 70ms},
     {.name = "all",
      .directed_type = "nothing",
      .default_recall_mode = recall_mode::all}});
  auto reply = from.dispatch_and_wait({.neuron = "n"});
  REQUIRE(reply);
  CHECK(reply->output()
        == json{{"late", "engram_timeout"},
                {"write", "engram_timeout"},
                {"all", "ok"}});
  auto asked = traffic(signal_type::RECALL);
  CHECK(asked.at(0).payload()["deadline_ms"] == 70);
  CHECK(asked.at(1).payload()["recall_mode"] == "all");
}

TEST_CASE_METHOD(bound_fixture,
                 "an undeclared name is refused with those declared",
                 "[actors][dendrite_engram]") {
  auto host = with(
    [](const json&, const json&, const neuron_io& io) -> caf::expected<json> {
      auto found = io.recall("attic");
      CHECK(text_of(found)
            == "n declares no Engram attic; declared: shelf, board");
      return found.error();
    },
    {{.name = "shelf", .directed_id = "a"},
     {.name = "board", .directed_id = "b"}});
  auto reply = from.dispatch_and_wait({.neuron = "n"});
  CHECK(outcome_of(reply) == "ERROR NEURON_EXCEPTION");
  CHECK(reply->meta() == json{{"engram_error", "engram_not_bound"}});
  CHECK(traffic(signal_type::RECALL).empty());
}

TEST_CASE_METHOD(bound_fixture, "an Axon without Engrams has none to name",
                 "[actors][dendrite_engram]") {
  auto host = with(
    [](const json&, const json&, const neuron_io& io) -> caf::expected<json> {
      return io.recall("attic").error();
    },
    {});
  auto reply = from.dispatch_and_wait({.neuron = "n"});
  CHECK(outcome_of(reply) == "ERROR NEURON_EXCEPTION");
  CHECK(reply->payload()["message"].get<std::string>().ends_with(
    "declares no Engram attic; declared: none"));
}

TEST_CASE_METHOD(bound_fixture,
                 "bindings without address or with one name twice are refused",
                 "[actors][dendrite_engram]") {
  auto attach = [this](std::vector<engram_binding> engrams) {
    return worker().attach_axon(
      {.neuron_id = "n", .neuron = echo(), .engrams = std::move(engrams)});
  };
  auto nowhere = attach({{.name = "x"}});
  CHECK(outcome_of(nowhere) == "bad_config");
  CHECK(text_of(nowhere).find("directed_id") != std::string::npos);
  CHECK(text_of(nowhere).find("engram_id") != std::string::npos);
  CHECK(outcome_of(attach({{.directed_id = "a"}})) == "bad_config");
  CHECK(outcome_of(
          attach({{.name = "x", .directed_id = "a", .default_deadline = -1ms}}))
        == "bad_config");
  CHECK(outcome_of(attach({{.name = "x", .directed_id = "a"},
                           {.name = "x", .directed_id = "b"}}))
        == "bad_config");
}

TEST_CASE_METHOD(bound_fixture,
                 "what a stopped Neuron still asks for is refused",
                 "[actors][dendrite_engram]") {
  auto memory = hosting(notes());
  held_neuron held;
  auto host = with(held.neuron(), {{.name = "shelf", .directed_id = "notes"}});
  auto reply = dispatch_later(from, {.neuron = "n", .trace_id = "trc_t"});
  sim.run();
  REQUIRE(from.emit_stop("trc_t"));
  sim.run();
  auto& io = held.calls().at(0).io;
  CHECK(outcome_of(io.recall("shelf")) == "engram_cancelled");
  CHECK(outcome_of(io.imprint("shelf", {.op = "add"})) == "engram_cancelled");
  CHECK(traffic(signal_type::RECALL).empty());
  CHECK(traffic(signal_type::IMPRINT).empty());
}

// SPDX-License-Identifier: Apache-2.0
#include "support/bed.hpp"
#include "support/odd_engram.hpp"
#include "support/recorded_log.hpp"
#include <cosmo/served_engram.hpp>
#include <cosmo/sqlite_engram.hpp>

#include <catch2/catch_test_macros.hpp>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

namespace {

using texts = std::vector<std::string>;

struct rollback_fixture : bed {
  explicit rollback_fixture(uint64_t seed = 1) : bed(seed) {
    REQUIRE(!from.start());
    REQUIRE(host.attach_engram(odd));
    REQUIRE(!host.start());
  }

  imprint_options note(std::string content, std::string trace_id = "trc_t") {
    return {.engram_id = "odd",
            .op = "append",
            .entry = {{"content", std::move(content)}},
            .await_ack = true,
            .trace_id = std::move(trace_id)};
  }

  imprint_receipt write(imprint_options what) {
    auto receipt = from.imprint(std::move(what));
    REQUIRE(receipt);
    REQUIRE(*receipt);
    return **receipt;
  }

  texts contents(std::string engram_id = "odd") {
    auto found = from.recall({.engram_id = std::move(engram_id)});
    REQUIRE(found);
    texts result;
    for (auto& hit : *found)
      result.push_back(hit.entry.at("content").dump());
    return result;
  }

  /// The acknowledgements of a STOP with rollback.
  std::vector<signal> roll_back(std::string trace_id = "trc_t") {
    auto acks = from.stop_trace(std::move(trace_id),
                                {.rollback = true, .collect_acks = true});
    REQUIRE(acks);
    return *acks;
  }

  std::shared_ptr<odd_engram> odd = std::make_shared<odd_engram>();
  dendrite host = worker("memory");
  dendrite from = orchestrator();
};

} // namespace

TEST_CASE_METHOD(rollback_fixture, "a rollback restores exactly what was there",
                 "[actors][dendrite_rollback]") {
  auto upsert = [&](std::string key, json content, std::string trace) {
    CHECK(write({.engram_id = "odd",
                 .op = "upsert",
                 .entry = {{"content", std::move(content)}},
                 .merge_key = std::move(key),
                 .await_ack = true,
                 .trace_id = std::move(trace)})
            .ok());
  };
  upsert("k", {{"v", 0}}, "trc_before");
  upsert("gone", "old", "trc_before");
  REQUIRE(
    from.emit_final({}, {.trace_id = "trc_before", .parent_id = "evt_p"}));
  sim.run();
  auto before = contents();
  write(note("added"));
  upsert("k", {{"v", 1}}, "trc_t");
  CHECK(write({.engram_id = "odd",
               .op = "merge",
               .entry = {{"content", {{"w", 2}}}},
               .merge_key = "k",
               .await_ack = true,
               .trace_id = "trc_t"})
          .version
        == 3);
  CHECK(write({.engram_id = "odd",
               .op = "delete",
               .merge_key = "gone",
               .await_ack = true,
               .trace_id = "trc_t"})
          .ok());
  CHECK(contents() != before);
  auto acks = roll_back();
  REQUIRE(acks.size() == 1);
  CHECK(acks[0].payload()
        == json{{"rolled_back", true},
                {"cancelled", 0},
                {"compensated", 4},
                {"node", "memory"}});
  CHECK(acks[0].meta()["rollback"]
        == json{{"complete", true},
                {"conflicts", 0},
                {"failed", json::array()},
                {"pending", false},
                {"engrams", {"odd"}}});
  CHECK(contents() == before);
}

TEST_CASE_METHOD(rollback_fixture,
                 "what reached its FINAL, or was stopped plainly, is kept",
                 "[actors][dendrite_rollback]") {
  write(note("kept"));
  SECTION("by FINAL") {
    REQUIRE(from.emit_final({}, {.trace_id = "trc_t", .parent_id = "evt_p"}));
  }
  SECTION("by FINAL after an ERROR") {
    REQUIRE(from.emit_error({}, {.trace_id = "trc_t", .parent_id = "evt_p"}));
    REQUIRE(from.emit_final({}, {.trace_id = "trc_t", .parent_id = "evt_p"}));
  }
  SECTION("by STOP") {
    REQUIRE(from.emit_stop("trc_t"));
  }
  sim.run();
  CHECK(roll_back().empty());
  CHECK(contents() == texts{"\"kept\""});
}

TEST_CASE_METHOD(rollback_fixture, "an ERROR keeps the journal",
                 "[actors][dendrite_rollback]") {
  write(note("x"));
  REQUIRE(from.emit_error({}, {.trace_id = "trc_t", .parent_id = "evt_p"}));
  sim.run();
  CHECK(roll_back().size() == 1);
  CHECK(contents().empty());
}

TEST_CASE_METHOD(rollback_fixture,
                 "whoever has nothing to undo keeps quiet, unless asked",
                 "[actors][dendrite_rollback]") {
  CHECK(roll_back("trc_unknown").empty());
  auto stop
    = sim.build().make(payload::stop{true, {}},
                       {.trace_id = "trc_other", .meta = {{"ack", "always"}}});
  REQUIRE(!from.emit(stop));
  sim.run();
  auto acks = traffic(signal_type::STOPPED);
  REQUIRE(acks.size() == 2);
  for (auto& ack : acks)
    CHECK(ack.meta()["rollback"]["complete"] == true);
}

TEST_CASE_METHOD(rollback_fixture,
                 "a second STOP finds nothing, a repeated one says the same",
                 "[actors][dendrite_rollback]") {
  write(note("x"));
  auto stop = sim.build().make(payload::stop{true, {}}, {.trace_id = "trc_t"});
  for (int i = 0; i < 2; ++i) {
    REQUIRE(!from.emit(stop));
    sim.run();
  }
  auto acks = traffic(signal_type::STOPPED);
  REQUIRE(acks.size() == 2);
  CHECK(acks[0].payload() == acks[1].payload());
  CHECK(acks[0].meta() == acks[1].meta());
  CHECK(acks[1].payload()["compensated"] == 1);
  CHECK(roll_back().empty());
}

TEST_CASE_METHOD(rollback_fixture, "a write that a STOP overtook is refused",
                 "[actors][dendrite_rollback]") {
  auto write_stamped = [&] {
    return sim.build().make(payload::imprint{"append", json::object(), {}},
                            {.trace_id = "trc_t",
                             .parent_id = "evt_p",
                             .directed = directed::to("odd")});
  };
  auto late = write_stamped();
  REQUIRE(from.emit_stop("trc_t", true));
  sim.advance(1s);
  auto publish = [&](const signal& sig) {
    REQUIRE(!bus.publish("cosmonapse.default.IMPRINT", sig));
    sim.run();
    return traffic(signal_type::IMPRINTED).back().payload();
  };
  CHECK(publish(late)["error"].get<std::string>().starts_with("trace_stopped"));
  CHECK_FALSE(publish(write_stamped()).contains("error"));
}

TEST_CASE_METHOD(rollback_fixture,
                 "the trace is closed when it is undone, not before",
                 "[actors][dendrite_rollback]") {
  recorded_log log;
  held_neuron held;
  auto busy = serving("n", held.neuron());
  // On the very Dendrite that also has to undo.
  REQUIRE(from.add_engram(std::make_shared<memory_engram>(
    memory_engram_options{.engram_id = "own"})));
  auto reply = dispatch_later(from, {.neuron = "n", .trace_id = "trc_t"});
  sim.run();
  auto own = note("x");
  own.engram_id = "own";
  write(own);
  REQUIRE(from.emit_stop("trc_t", true));
  while (outcome_of(*reply) == "nothing yet" && sim.deliver_one()) {
    // Message by message.
  }
  CHECK(outcome_of(*reply) == "pathway_closed");
  CHECK(contents("own").empty());
}

TEST_CASE_METHOD(rollback_fixture,
                 "an Engram that fails in a rollback goes on where it was",
                 "[actors][dendrite_rollback]") {
  recorded_log log;
  write(note("x"));
  write(note("y"));
  odd->break_rollbacks = 2;
  auto acks = from.stop_trace(
    "trc_t", {.rollback = true, .collect_acks = true, .timeout = 10s});
  REQUIRE(acks);
  REQUIRE(acks->size() == 1);
  CHECK(acks->at(0).payload()["compensated"] == 2);
  CHECK(acks->at(0).meta()["rollback"]["complete"] == true);
  CHECK(contents().empty());
}

TEST_CASE_METHOD(rollback_fixture, "an Engram that cannot undo is named",
                 "[actors][dendrite_rollback]") {
  recorded_log log;
  write(note("x"));
  odd->break_rollbacks = 100;
  auto acks = from.stop_trace(
    "trc_t", {.rollback = true, .collect_acks = true, .timeout = 60s});
  REQUIRE(acks);
  REQUIRE(acks->size() == 1);
  auto& report = acks->at(0).meta()["rollback"];
  CHECK(report["complete"] == false);
  CHECK(report["pending"] == true);
  CHECK(report["failed"] == json{"odd"});
}

TEST_CASE_METHOD(rollback_fixture,
                 "one Engram's failure does not stop the others",
                 "[actors][dendrite_rollback]") {
  recorded_log log;
  REQUIRE(host.add_engram(std::make_shared<memory_engram>(
    memory_engram_options{.engram_id = "fine"})));
  auto other = note("x");
  other.engram_id = "fine";
  write(other);
  write(note("y"));
  odd->break_rollbacks = 100;
  auto acks = from.stop_trace(
    "trc_t", {.rollback = true, .collect_acks = true, .timeout = 60s});
  REQUIRE(acks);
  CHECK(acks->at(0).payload()["compensated"] == 1);
  CHECK(contents("fine").empty());
}

TEST_CASE_METHOD(rollback_fixture, "a conflict is reported and left alone",
                 "[actors][dendrite_rollback]") {
  auto upsert = [&](std::string content, std::string trace_id) {
    auto what = note(std::move(content), std::move(trace_id));
    what.op = "upsert";
    what.merge_key = "k";
    CHECK(write(what).ok());
  };
  upsert("mine", "trc_t");
  upsert("theirs", "trc_u");
  auto acks = roll_back();
  REQUIRE(acks.size() == 1);
  CHECK(acks[0].payload()["compensated"] == 0);
  CHECK(acks[0].meta()["rollback"]["conflicts"] == 1);
  CHECK(acks[0].meta()["rollback"]["complete"] == false);
  CHECK(contents() == texts{"\"theirs\""});
}

TEST_CASE_METHOD(rollback_fixture,
                 "what a crash interrupted is undone before anybody is served",
                 "[actors][dendrite_rollback]") {
  write(note("x"));
  REQUIRE(!host.stop());
  odd->left_over = {{"trc_t", "evt_stop", sim.outside().clock->now()}};
  std::optional<size_t> seen_by_guests;
  REQUIRE(bus.subscribe("cosmonapse.default.REGISTER", [&](const signal&) {
    auto found = odd->recall({});
    seen_by_guests = found ? found->hits.size() : 1;
  }));
  REQUIRE(!host.start());
  sim.run();
  CHECK(seen_by_guests == 0);
  auto acks = traffic(signal_type::STOPPED);
  REQUIRE(acks.size() == 1);
  CHECK(acks[0].trace_id() == "trc_t");
  CHECK(acks[0].parent_id() == "evt_stop");
  CHECK(acks[0].payload()["compensated"] == 1);
  CHECK(acks[0].payload()["rolled_back"] == true);
  CHECK(acks[0].meta()["recovered"] == true);
  CHECK(acks[0].meta()["rollback"]["complete"] == true);
  CHECK(contents().empty());
}

TEST_CASE_METHOD(rollback_fixture,
                 "a STOP during a rollback speaks of what the first has left",
                 "[actors][dendrite_rollback]") {
  recorded_log log;
  write(note("x"));
  odd->break_rollbacks = 2;
  std::vector<signal> stops;
  for (int i = 0; i < 2; ++i) {
    auto& stop = stops.emplace_back(
      sim.build().make(payload::stop{true, {}},
                       {.trace_id = "trc_t", .meta = {{"ack", "always"}}}));
    REQUIRE(!from.emit(stop));
    sim.run();
  }
  sim.advance(1min);
  std::vector<signal> acks;
  for (auto& ack : traffic(signal_type::STOPPED))
    if (ack.payload()["node"] == "memory")
      acks.push_back(ack);
  REQUIRE(acks.size() == 2);
  for (size_t i = 0; i < 2; ++i) {
    CHECK(acks[i].parent_id() == stops[i].id());
    CHECK(acks[i].payload()["compensated"] == (i == 0 ? 1 : 0));
    CHECK(acks[i].meta()["rollback"]["complete"] == true);
  }
  CHECK(contents().empty());
}

TEST_CASE_METHOD(rollback_fixture,
                 "an Engram may be told to restore over later writes of others",
                 "[actors][dendrite_rollback]") {
  REQUIRE(host.add_engram(std::make_shared<memory_engram>(memory_engram_options{
    .engram_id = "forced",
    .rules = {.on_conflict = rollback_conflict::force}})));
  for (auto who : {"trc_before", "trc_t", "trc_later"})
    for (auto where : {"odd", "forced"})
      write({.engram_id = where,
             .op = "upsert",
             .entry = {{"content", who}},
             .merge_key = "k",
             .await_ack = true,
             .trace_id = who});
  auto acks = roll_back();
  REQUIRE(acks.size() == 1);
  auto report = acks[0].meta()["rollback"];
  CHECK(report["conflicts"] == 1);
  CHECK(contents("odd") == texts{"\"trc_later\""});
  CHECK(contents("forced") == texts{"\"trc_before\""});
}

TEST_CASE_METHOD(rollback_fixture, "an Engram in a file is rolled back as well",
                 "[actors][dendrite_rollback]") {
  REQUIRE(host.add_engram(std::make_shared<sqlite_engram>(
    ":memory:", sqlite_engram_options{.engram_id = "file"})));
  auto kept = note("kept", "trc_other");
  kept.engram_id = "file";
  write(kept);
  auto undone = note("undone");
  undone.engram_id = "file";
  write(undone);
  write(undone);
  auto acks = roll_back();
  REQUIRE(acks.size() == 1);
  CHECK(acks[0].payload()["compensated"] == 2);
  CHECK(acks[0].meta()["rollback"]["complete"] == true);
  CHECK(contents("file") == texts{"\"kept\""});
}

TEST_CASE_METHOD(rollback_fixture,
                 "an Engram of functions undoes what it is told to",
                 "[actors][dendrite_rollback]") {
  auto made = serve({.engram_id = "made"});
  texts told;
  made->on_compensate([&](const std::string& trace_id) {
    told.push_back("undo " + trace_id);
    return size_t{3};
  });
  made->on_commit(
    [&](const std::string& trace_id) { told.push_back("keep " + trace_id); });
  REQUIRE(host.add_engram(made));
  auto acks = roll_back();
  REQUIRE(acks.size() == 1);
  CHECK(acks[0].payload()["compensated"] == 3);
  REQUIRE(from.emit_final({}, {.trace_id = "trc_u", .parent_id = "evt_p"}));
  sim.run();
  CHECK(told == texts{"undo trc_t", "keep trc_u"});
}

// -- a rollback that is interrupted --------------------------------------------

TEST_CASE_METHOD(rollback_fixture,
                 "a Dendrite that stops waits a moment for its rollbacks",
                 "[actors][dendrite_rollback]") {
  write(note("x"));
  odd->break_rollbacks = 2;
  REQUIRE(from.emit_stop("trc_t", true));
  sim.run();
  CHECK(traffic(signal_type::STOPPED).empty());
  auto stopped
    = ask_later<caf::unit_t>(host.handle(), stop_atom_v, std::string{});
  sim.run();
  CHECK(outcome_of(*stopped) == "nothing yet");
  sim.advance(2s);
  CHECK(outcome_of(*stopped) == "ok");
  auto acks = traffic(signal_type::STOPPED);
  REQUIRE(acks.size() == 1);
  CHECK(acks[0].meta()["rollback"]["complete"] == true);
}

TEST_CASE_METHOD(rollback_fixture,
                 "a Dendrite that stops does not wait for ever",
                 "[actors][dendrite_rollback]") {
  write(note("x"));
  odd->break_rollbacks = 100;
  REQUIRE(from.emit_stop("trc_t", true));
  sim.run();
  auto stopped
    = ask_later<caf::unit_t>(host.handle(), stop_atom_v, std::string{});
  sim.advance(5s);
  CHECK(outcome_of(*stopped) == "ok");
  auto acks = traffic(signal_type::STOPPED);
  REQUIRE(acks.size() == 1);
  CHECK(acks[0].meta()["rollback"]["pending"] == true);
  sim.advance(5min);
  // What it still owes is done when it is there again.
  odd->break_rollbacks = 0;
  REQUIRE(!host.start());
  sim.run();
  CHECK(contents().empty());
  CHECK(traffic(signal_type::STOPPED).size() == 2);
  CHECK(traffic(signal_type::STOPPED)[1].meta()["recovered"] == true);
}

TEST_CASE_METHOD(
  rollback_fixture,
  "what happens to a trace while its Engram restarts is done in order",
  "[actors][dendrite_rollback]") {
  write(note("x"));
  odd->break_recalls = 1;
  odd->refuse_connects = 3;
  CHECK(outcome_of(from.recall({.engram_id = "odd", .deadline = 1ms}))
        == "engram_timeout");
  SECTION("a rollback") {
    auto acks = from.stop_trace(
      "trc_t", {.rollback = true, .collect_acks = true, .timeout = 10s});
    REQUIRE(acks);
    REQUIRE(acks->size() == 1);
    CHECK(acks->at(0).payload()["compensated"] == 1);
    CHECK(contents().empty());
  }
  SECTION("a FINAL, and then a rollback") {
    REQUIRE(from.emit_final({}, {.trace_id = "trc_t", .parent_id = "evt_p"}));
    auto acks = from.stop_trace(
      "trc_t", {.rollback = true, .collect_acks = true, .timeout = 10s});
    REQUIRE(acks);
    CHECK(acks->empty());
    CHECK(contents() == texts{"\"x\""});
  }
  SECTION("a write, and then a rollback") {
    auto late = ask_later<imprint_receipt>(
      host.handle(), imprint_atom_v, wait_atom_v, std::string{}, note("late"));
    sim.run();
    REQUIRE(from.emit_stop("trc_t", true));
    sim.advance(10s);
    CHECK(contents().empty());
  }
}

TEST_CASE_METHOD(rollback_fixture,
                 "a STOP may be repeated until everything is undone",
                 "[actors][dendrite_rollback]") {
  write(note("x"));
  odd->throw_at_rollbacks = 4;
  auto stop = sim.build().make(payload::stop{true, {}}, {.trace_id = "trc_t"});
  REQUIRE(!from.emit(stop));
  sim.advance(1min);
  auto acks = traffic(signal_type::STOPPED);
  REQUIRE(acks.size() == 1);
  CHECK(acks[0].meta()["rollback"]["complete"] == false);
  REQUIRE(!from.emit(stop));
  sim.advance(1min);
  acks = traffic(signal_type::STOPPED);
  REQUIRE(acks.size() == 2);
  CHECK(acks[1].meta()["rollback"]["complete"] == true);
  CHECK(acks[1].payload()["compensated"] == 1);
  CHECK(contents().empty());
}

TEST_CASE_METHOD(rollback_fixture,
                 "an older STOP that is repeated stops nothing new",
                 "[actors][dendrite_rollback]") {
  held_neuron held;
  auto busy = serving("n", held.neuron());
  auto first = sim.build().make(payload::stop{true, {}}, {.trace_id = "trc_t"});
  auto second
    = sim.build().make(payload::stop{true, {}}, {.trace_id = "trc_t"});
  REQUIRE(!from.emit(first));
  REQUIRE(!from.emit(second));
  sim.advance(1s);
  write(note("new"));
  auto reply = dispatch_later(from, {.neuron = "n", .trace_id = "trc_t"});
  sim.run();
  REQUIRE(!from.emit(first));
  sim.run();
  CHECK(outcome_of(*reply) == "nothing yet");
  CHECK(contents() == texts{"\"new\""});
}

TEST_CASE_METHOD(rollback_fixture,
                 "a deadline holds while the trace is being undone",
                 "[actors][dendrite_rollback]") {
  held_neuron held;
  auto busy = serving("n", held.neuron());
  auto own = std::make_shared<odd_engram>("own");
  REQUIRE(from.add_engram(own));
  own->break_rollbacks = 100;
  auto reply = dispatch_later(
    from, {.neuron = "n", .trace_id = "trc_t", .timeout = 100ms});
  sim.run();
  REQUIRE(from.emit_stop("trc_t", true));
  sim.run();
  CHECK(outcome_of(*reply) == "nothing yet");
  sim.advance(100ms);
  CHECK(outcome_of(*reply) == "timeout");
}

TEST_CASE_METHOD(rollback_fixture,
                 "handlers see a STOP when it has been carried out",
                 "[actors][dendrite_rollback]") {
  write(note("x"));
  bool undone = false;
  REQUIRE(host.on_signal({signal_type::STOP}, [&](const signal&) {
    undone = odd->recall({})->hits.empty();
  }));
  REQUIRE(from.emit_stop("trc_t", true));
  sim.run();
  CHECK(undone);
}

TEST_CASE_METHOD(
  rollback_fixture,
  "a repeated IMPRINT is acknowledged again, also after a rollback",
  "[actors][dendrite_rollback]") {
  auto once
    = sim.build().make(payload::imprint{"append", {{"content", "x"}}, {}},
                       {.trace_id = "trc_t",
                        .parent_id = "evt_p",
                        .directed = directed::to("odd")});
  auto publish = [&] {
    REQUIRE(!bus.publish("cosmonapse.default.IMPRINT", once));
    sim.run();
    return traffic(signal_type::IMPRINTED).back().payload();
  };
  auto first = publish();
  auto second = publish();
  CHECK(first["id"] == second["id"]);
  CHECK(traffic(signal_type::IMPRINTED).size() == 2);
  roll_back();
  auto third = publish();
  CHECK_FALSE(third.contains("version"));
  CHECK(contents().empty());
}

// -- retry ---------------------------------------------------------------------

TEST_CASE_METHOD(rollback_fixture,
                 "attempts that are given up leave nothing behind",
                 "[actors][dendrite_rollback]") {
  int called = 0;
  auto neuron = [&](const json&, const json&,
                    const neuron_io& io) -> caf::expected<json> {
    auto receipt = io.imprint(
      "shelf",
      {.op = "append", .entry = {{"content", ++called}}, .await_ack = true});
    if (!receipt)
      return receipt.error();
    if (called < 3)
      return json{{"__error__", true}, {"code", "BUSY"}, {"recoverable", true}};
    return json{{"call", called}};
  };
  auto busy = serving({{.neuron_id = "n",
                        .neuron = neuron,
                        .engrams = {{.name = "shelf", .directed_id = "odd"}}}});
  SECTION("but the last one's, which succeeds") {
    auto reply
      = from.run_with_retry({.rollback_on_retry = true}, {.neuron = "n"});
    CHECK(outcome_of(reply) == "AGENT_OUTPUT");
    CHECK(contents() == texts{"3"});
  }
  SECTION("and the last one's, too, if all fail") {
    auto reply = from.run_with_retry(
      {.max_attempts = 2, .rollback_on_retry = true}, {.neuron = "n"});
    CHECK(outcome_of(reply) == "ERROR BUSY recoverable");
    sim.run();
    CHECK(contents().empty());
  }
}

TEST_CASE_METHOD(rollback_fixture,
                 "a retry waits until the attempt before is undone",
                 "[actors][dendrite_rollback]") {
  recorded_log log;
  held_neuron held;
  auto busy = serving({{.neuron_id = "n", .neuron = held.neuron()}});
  auto attempt = [&](retry_strategy how) {
    how.timeout = 100ms;
    how.max_attempts = 2;
    how.rollback_on_retry = true;
    odd->break_rollbacks = 1;
    auto reply = dispatch_later(from, {.neuron = "n", .retry = how});
    sim.run();
    sim.advance(100ms);
    return reply;
  };
  SECTION("however long it takes") {
    auto reply = attempt({});
    CHECK(held.calls().size() == 1);
    sim.advance(700ms);
    CHECK(held.calls().size() == 2);
  }
  SECTION("but not longer than it was told") {
    auto reply = attempt({.rollback_wait = 10ms});
    CHECK(held.calls().size() == 1);
    sim.advance(10ms);
    CHECK(held.calls().size() == 2);
  }
  SECTION("or not at all") {
    auto reply = attempt({.rollback_wait = 0ms});
    CHECK(held.calls().size() == 2);
  }
}

// -- faults --------------------------------------------------------------------

TEST_CASE("whenever an Engram or its Dendrite dies, callers hear, and nothing "
          "undone is seen",
          "[actors][dendrite_rollback]") {
  recorded_log log;
  for (bool whole_dendrite : {false, true}) {
    for (size_t steps = 0; steps < 80; ++steps) {
      CAPTURE(whole_dendrite, steps);
      rollback_fixture f{steps + 1};
      auto first = f.ask_later<imprint_receipt>(f.from.handle(), imprint_atom_v,
                                                wait_atom_v, std::string{},
                                                f.note("first"));
      f.sim.run();
      REQUIRE(outcome_of(*first) == "ok");
      auto second = f.ask_later<imprint_receipt>(
        f.from.handle(), imprint_atom_v, wait_atom_v, std::string{},
        f.note("second"));
      auto stop
        = f.sim.build().make(payload::stop{true, {}}, {.trace_id = "trc_t"});
      auto acks = f.ask_later<std::vector<signal>>(
        f.from.handle(), emit_atom_v, signal{stop}, caf::timespan{60s});
      f.deliver(steps);
      if (whole_dendrite) {
        f.kill(f.host.handle());
      } else {
        f.odd->break_writes = 1;
        f.odd->break_rollbacks = 1;
      }
      f.sim.run();
      f.sim.advance(61s);
      REQUIRE(*second);
      REQUIRE(*acks);
      if (!whole_dendrite) {
        CHECK(f.contents().empty());
        CHECK((**acks)->size() >= 1);
      }
    }
  }
}

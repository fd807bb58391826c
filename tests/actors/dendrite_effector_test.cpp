// SPDX-License-Identifier: Apache-2.0
#include "support/bed.hpp"
#include "support/odd_effector.hpp"
#include "support/recorded_log.hpp"
#include <cosmo/codec.hpp>
#include <cosmo/memory_registry_store.hpp>
#include <cosmo/served_effector.hpp>

#include <catch2/catch_test_macros.hpp>

#include <functional>
#include <utility>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

namespace {

using texts = std::vector<std::string>;
using odd_ptr = std::shared_ptr<odd_effector>;

struct effector_fixture : bed {
  effector_fixture() {
    REQUIRE(!from.start());
  }

  dendrite hosting(effector what, std::string id = "hands") {
    auto result = worker(std::move(id));
    REQUIRE(result.attach_effector(std::move(what)));
    REQUIRE(!result.start());
    return result;
  }

  static odd_ptr odd(std::string id = "odd") {
    return std::make_shared<odd_effector>(std::move(id));
  }

  answer<tool_outcome> call_later(call_tool_options what) {
    if (what.tool.empty())
      what.tool = "echo";
    return ask_later<tool_outcome>(from.handle(), tool_atom_v, std::string{},
                                   std::move(what));
  }

  /// The error of the tool, or of the call, or `ok`.
  static std::string said(const caf::expected<tool_outcome>& outcome) {
    if (!outcome)
      return outcome_of(outcome);
    return outcome->error.value_or("ok");
  }

  static std::string said(const answer<tool_outcome>& pending) {
    return *pending ? said(**pending) : "nothing yet";
  }

  /// The actor of the only thing that a Dendrite hosts.
  caf::actor actor_of(const dendrite& host) {
    auto tree = ask_later<child_info>(host.handle(), caf::get_atom_v);
    sim.run();
    return (**tree)->children.at(0).handle;
  }

  dendrite from = orchestrator();
};

} // namespace

// -- calling -------------------------------------------------------------------

TEST_CASE_METHOD(effector_fixture, "a tool is called by id and by kind",
                 "[actors][dendrite_effector]") {
  auto host = hosting(std::make_shared<odd_effector>(
    effector_description{.effector_id = "odd", .effector_kind = "strange"}));
  for (auto& to : {call_tool_options{.effector_id = "odd"},
                   call_tool_options{.effector_kind = "strange"}}) {
    auto what = to;
    what.tool = "echo";
    what.args = {{"x", 1}};
    what.call_id = "c1";
    auto outcome = from.call_tool(what);
    REQUIRE(outcome);
    CHECK(outcome->ok());
    CHECK(outcome->tool == "echo");
    CHECK(outcome->result == json{{"echo", {{"x", 1}}}});
    CHECK(outcome->call_id == "c1");
    CHECK(outcome->effector_id == "odd");
    CHECK(outcome->took_ms == 0);
  }
}

TEST_CASE_METHOD(effector_fixture, "calls and results name each other",
                 "[actors][dendrite_effector]") {
  auto host = hosting(odd());
  (void)from.call_tool({.effector_id = "odd",
                        .tool = "echo",
                        .args = {{"x", 1}},
                        .call_id = "c1",
                        .deadline = 2s,
                        .trace_id = "trc_t",
                        .parent_id = "evt_p",
                        .meta = {{"k", "v"}}});
  auto call = traffic(signal_type::TOOL_CALL).at(0);
  CHECK(call.payload()
        == json{{"tool", "echo"},
                {"args", {{"x", 1}}},
                {"call_id", "c1"},
                {"deadline_ms", 2000},
                {"tool_name", "echo"}});
  CHECK(call.trace_id() == "trc_t");
  CHECK(call.parent_id() == "evt_p");
  CHECK(call.directed() == directed{"odd", {}, {}});
  CHECK(call.meta() == json{{"k", "v"}});
  auto result = traffic(signal_type::TOOL_RESULT).at(0);
  CHECK(result.trace_id() == "trc_t");
  CHECK(result.parent_id() == call.id());
  CHECK(result.directed() == directed{"odd", "effector", {}});
  CHECK(result.payload()
        == json{{"tool", "echo"},
                {"result", {{"echo", {{"x", 1}}}}},
                {"call_id", "c1"},
                {"took_ms", 0},
                {"tool_name", "echo"}});
}

TEST_CASE_METHOD(effector_fixture,
                 "a tool that fails says so in its result and ends nothing",
                 "[actors][dendrite_effector]") {
  auto host = hosting(odd());
  CHECK(said(from.call_tool({.effector_id = "odd", .tool = "throw"}))
        == "effector_exception: thrown");
  CHECK(said(from.call_tool({.effector_id = "odd", .tool = "fail"}))
        == "it failed");
  auto results = traffic(signal_type::TOOL_RESULT);
  REQUIRE(results.size() == 2);
  CHECK_FALSE(results[0].payload().contains("result"));
  CHECK_FALSE(results[1].payload().contains("result"));
  CHECK(traffic(signal_type::ERROR).empty());
}

TEST_CASE_METHOD(effector_fixture,
                 "a tool that nobody serves is met by silence",
                 "[actors][dendrite_effector]") {
  auto host = hosting(std::make_shared<odd_effector>(effector_description{
    .effector_id = "odd", .capabilities = {"one", "two"}}));
  CHECK(said(from.call_tool({.effector_id = "odd", .tool = "two"})) == "ok");
  auto pending
    = call_later({.effector_id = "odd", .tool = "three", .deadline = 80ms});
  sim.advance(79ms);
  CHECK(said(pending) == "nothing yet");
  sim.advance(1ms);
  CHECK(said(pending) == "effector_timeout");
  CHECK(text_of(**pending) == "no answer in time from odd for 'three'");
  CHECK(traffic(signal_type::TOOL_RESULT).size() == 1);
}

TEST_CASE_METHOD(effector_fixture, "the first answer of a kind counts",
                 "[actors][dendrite_effector]") {
  auto one = odd("one");
  auto two = odd("two");
  auto a = hosting(one, "a");
  auto b = hosting(two, "b");
  CHECK(said(from.call_tool({.effector_kind = "effector", .tool = "echo"}))
        == "ok");
  sim.run();
  CHECK(one->calls.size() + two->calls.size() == 2);
  CHECK(traffic(signal_type::TOOL_RESULT).size() == 2);
}

TEST_CASE_METHOD(effector_fixture,
                 "only who was asked may answer, and only once",
                 "[actors][dendrite_effector]") {
  auto pending = call_later({.effector_id = "odd", .trace_id = "trc_t"});
  sim.run();
  auto call = traffic(signal_type::TOOL_CALL).at(0);
  auto answer_as = [&](std::string who, json result, std::string trace_id) {
    REQUIRE(from.emit_tool_result({.tool = "echo", .result = std::move(result)},
                                  {.trace_id = std::move(trace_id),
                                   .parent_id = call.id(),
                                   .neuron = std::move(who)}));
    sim.run();
  };
  answer_as("somebody else", 1, "trc_t");
  CHECK(said(pending) == "nothing yet");
  answer_as("odd", 2, "trc_other");
  CHECK(said(pending) == "nothing yet");
  answer_as("odd", 3, "trc_t");
  CHECK(said(pending) == "ok");
  answer_as("odd", 4, "trc_t");
  CHECK((**pending)->result == 3);
}

TEST_CASE_METHOD(effector_fixture,
                 "handlers and Pathways see calls and results",
                 "[actors][dendrite_effector]") {
  auto host = hosting(odd());
  int calls = 0;
  int results = 0;
  REQUIRE(host.on_tool_call([&](const signal&) { ++calls; }));
  REQUIRE(from.on_tool_result([&](const signal&) { ++results; }));
  auto path = from.observe_pathway("trc_t");
  REQUIRE(path);
  CHECK(said(from.call_tool(
          {.effector_id = "odd", .tool = "echo", .trace_id = "trc_t"}))
        == "ok");
  sim.run();
  CHECK(calls == 1);
  CHECK(results == 1);
  CHECK(outcome_of(path->next()) == "TOOL_CALL");
  CHECK(outcome_of(path->next()) == "TOOL_RESULT");
}

TEST_CASE_METHOD(effector_fixture,
                 "a call is made once, however often it comes",
                 "[actors][dendrite_effector]") {
  auto one = odd();
  auto host = hosting(one);
  CHECK(said(from.call_tool({.effector_id = "odd", .tool = "echo"})) == "ok");
  auto call = traffic(signal_type::TOOL_CALL).at(0);
  REQUIRE(!from.emit(call));
  sim.run();
  CHECK(one->calls.size() == 1);
}

TEST_CASE_METHOD(effector_fixture,
                 "a call by the older name of its field is a call",
                 "[actors][dendrite_effector]") {
  auto one = odd();
  auto host = hosting(one);
  auto sig = decode(R"({"v":"1","id":"evt_c","trace_id":"trc_t",
      "type":"TOOL_CALL","directed":{"id":"odd"},"ts":"2025-01-01T00:00:00Z",
      "payload":{"tool_name":"echo","args":7,"call_id":7,"deadline_ms":"x"}})",
                    sim.build().outside());
  REQUIRE(sig);
  REQUIRE(!bus.publish("cosmonapse.default.TOOL_CALL", *sig));
  sim.run();
  REQUIRE(one->calls.size() == 1);
  CHECK(one->calls[0].tool == "echo");
  CHECK(one->calls[0].args == json::object());
  CHECK_FALSE(one->calls[0].call_id);
  CHECK(traffic(signal_type::TOOL_RESULT).size() == 1);
}

TEST_CASE_METHOD(effector_fixture, "a deadline of any size is one",
                 "[actors][dendrite_effector]") {
  auto one = odd();
  auto host = hosting(one);
  for (auto* limit :
       {"9223372036854775807", "9223372036854775808", "18446744073709551615"}) {
    auto sig = decode(R"({"v":"1","id":"evt_)" + std::string{limit}
                        + R"(","trace_id":"trc_t",
        "type":"TOOL_CALL","directed":{"id":"odd"},"ts":"2025-01-01T00:00:00Z",
        "payload":{"tool":"echo","deadline_ms":)"
                        + limit + "}}",
                      sim.build().outside());
    REQUIRE(sig);
    REQUIRE(!bus.publish("cosmonapse.default.TOOL_CALL", *sig));
    sim.run();
    CAPTURE(limit);
    REQUIRE(!one->calls.empty());
    CHECK(one->calls.back().deadline == std::chrono::milliseconds::max());
    one->calls.clear();
  }
  CHECK(traffic(signal_type::TOOL_RESULT).size() == 3);
}

TEST_CASE_METHOD(effector_fixture,
                 "bad arguments are refused before anything is sent",
                 "[actors][dendrite_effector]") {
  auto text = [](auto x) { return outcome_of(x) + ": " + text_of(x); };
  CHECK(text(from.call_tool({.tool = "t"}))
        == "bad_argument: the call of a tool needs an effector_id or an "
           "effector_kind to go to: t");
  CHECK(text(from.call_tool({.effector_id = "e"}))
        == "bad_argument: the call of a tool needs its name");
  CHECK(
    text(from.call_tool({.effector_id = "e", .tool = "t", .deadline = -1ms}))
    == "bad_argument: deadline must not be negative: -1 ms");
  CHECK(outcome_of(from.call_tool({.effector_id = "e", .tool = "t", .args = 7}))
        == "bad_argument");
  CHECK(outcome_of(
          from.call_tool({.effector_id = "e", .tool = "t", .trace_id = "x"}))
        == "bad_trace_id");
  CHECK(traffic(signal_type::TOOL_CALL).empty());
}

TEST_CASE_METHOD(effector_fixture, "workers may call tools, too",
                 "[actors][dendrite_effector]") {
  auto host = hosting(odd());
  CHECK(said(host.call_tool({.effector_id = "odd", .tool = "echo"})) == "ok");
}

TEST_CASE_METHOD(effector_fixture,
                 "a result that no wire takes is an error of the tool",
                 "[actors][dendrite_effector]") {
  auto made = serve(effector_description{.effector_id = "deep"});
  made->on_tool_call("dig", [](const json&) {
    json result = 1;
    for (int i = 0; i < 300; ++i)
      result = json::array({std::move(result)});
    return result;
  });
  auto host = hosting(made);
  CHECK(said(from.call_tool({.effector_id = "deep", .tool = "dig"}))
        == "effector_exception: the result has more than 200 nested "
           "containers");
}

// -- deadlines and ends --------------------------------------------------------

TEST_CASE_METHOD(effector_fixture,
                 "without a deadline it is that of the Dendrite",
                 "[actors][dendrite_effector]") {
  auto pending = call_later({.effector_id = "nowhere"});
  auto endless = call_later({.effector_id = "nowhere", .deadline = 0ms});
  sim.advance(29s);
  CHECK(said(pending) == "nothing yet");
  sim.advance(1s);
  CHECK(said(pending) == "effector_timeout");
  sim.advance(24h);
  CHECK(said(endless) == "nothing yet");
  CHECK_FALSE(
    traffic(signal_type::TOOL_CALL)[0].payload().contains("deadline_ms"));
  auto options = dendrite_options{.effector_default_deadline = -1s};
  CHECK(describe(check(options))
        == "bad_argument: effector_default_deadline must not be negative: "
           "-1000000000");
}

TEST_CASE_METHOD(effector_fixture, "the end of the trace ends its calls",
                 "[actors][dendrite_effector]") {
  auto pending = call_later({.effector_id = "nowhere", .trace_id = "trc_t"});
  auto other = call_later({.effector_id = "nowhere", .trace_id = "trc_u"});
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
  CHECK(said(pending) == "effector_cancelled");
  CHECK(said(other) == "nothing yet");
  REQUIRE(!from.stop());
  sim.run();
  CHECK(said(other) == "effector_cancelled");
}

TEST_CASE_METHOD(effector_fixture,
                 "a STOP asks the tool to stop and discards its result",
                 "[actors][dendrite_effector]") {
  auto one = odd();
  auto host = hosting(one);
  bool asked = false;
  one->on_call = [&](const tool_request& call) {
    REQUIRE(from.emit_stop("trc_t"));
    while (!call.stop.stop_requested() && sim.deliver_one()) {
      // nop
    }
    asked = call.stop.stop_requested();
  };
  auto pending = call_later({.effector_id = "odd", .trace_id = "trc_t"});
  sim.run();
  CHECK(asked);
  CHECK(said(pending) == "effector_cancelled");
  CHECK(traffic(signal_type::TOOL_RESULT).empty());
}

TEST_CASE_METHOD(effector_fixture,
                 "a call that its STOP has overtaken is not made",
                 "[actors][dendrite_effector]") {
  auto one = odd();
  auto host = hosting(one);
  auto late = sim.build().make(payload::tool_call{.tool = "echo"},
                               {.trace_id = "trc_t",
                                .parent_id = "evt_p",
                                .directed = directed::to("odd")});
  REQUIRE(from.emit_stop("trc_t"));
  sim.run();
  REQUIRE(!from.emit(late));
  sim.run();
  CHECK(one->calls.empty());
}

TEST_CASE_METHOD(effector_fixture,
                 "a call that nobody waits for any more is not made",
                 "[actors][dendrite_effector]") {
  auto one = std::make_shared<odd_effector>(
    effector_description{.effector_id = "odd"});
  one->refuse_connects = 1;
  auto host = worker();
  REQUIRE(host.attach_effector(one));
  REQUIRE(!host.start());
  auto pending = call_later({.effector_id = "odd", .deadline = 50ms});
  auto patient = call_later({.effector_id = "odd", .deadline = 10s});
  sim.advance(50ms);
  CHECK(said(pending) == "effector_timeout");
  sim.advance(1s);
  CHECK(said(patient) == "ok");
  CHECK(one->calls.size() == 1);
}

// -- hosting -------------------------------------------------------------------

TEST_CASE_METHOD(effector_fixture, "an Effector is announced and takes leave",
                 "[actors][dendrite_effector]") {
  auto one = std::make_shared<odd_effector>(
    effector_description{.effector_id = "odd",
                         .effector_kind = "strange",
                         .capabilities = {"echo"},
                         .version = "2"});
  auto host = hosting(one);
  sim.run();
  auto told = traffic(signal_type::REGISTER);
  REQUIRE(told.size() == 1);
  CHECK(told[0].directed() == directed{"odd", "strange", {"echo"}});
  CHECK(told[0].payload()
        == json{
          {"role", "effector"}, {"capabilities", {"echo"}}, {"version", "2"}});
  CHECK(one->connects == 1);
  sim.advance(30s);
  CHECK(traffic(signal_type::REGISTER).size() == 2);
  CHECK(traffic(signal_type::HEARTBEAT).empty());
  REQUIRE(!host.stop("tired"));
  sim.run();
  CHECK(one->closes == 1);
  auto left = traffic(signal_type::DEREGISTER);
  REQUIRE(left.size() == 1);
  CHECK(left[0].directed_id() == "odd");
  CHECK(left[0].payload().at("reason") == "tired");
  // And again.
  REQUIRE(!host.start());
  CHECK(one->connects == 2);
  CHECK(said(from.call_tool({.effector_id = "odd", .tool = "echo"})) == "ok");
}

TEST_CASE_METHOD(effector_fixture,
                 "an Effector answers DISCOVER as it is meant",
                 "[actors][dendrite_effector]") {
  auto host = hosting(std::make_shared<odd_effector>(
    effector_description{.effector_id = "odd", .capabilities = {"echo"}}));
  auto answers = [&](payload::discover filter) {
    auto before = traffic(signal_type::REGISTER).size();
    REQUIRE(!from.emit(sim.build().make(std::move(filter))));
    sim.advance(100ms);
    return traffic(signal_type::REGISTER).size() - before;
  };
  CHECK(answers({}) == 1);
  CHECK(answers({.neuron = "odd"}) == 1);
  CHECK(answers({.neuron = "else"}) == 0);
  CHECK(answers({.capabilities = texts{"echo"}}) == 1);
  CHECK(answers({.capabilities = texts{"echo", "x"}}) == 0);
}

TEST_CASE_METHOD(effector_fixture, "an id is hosted once",
                 "[actors][dendrite_effector]") {
  recorded_log log;
  auto host = hosting(odd());
  auto twice = host.attach_effector(odd());
  CHECK(outcome_of(twice) == "already_exists");
  CHECK(text_of(twice) == "the Dendrite already hosts the Effector: odd");
  CHECK(outcome_of(host.attach_effector(effector{})) == "bad_config");
  CHECK(outcome_of(host.attach_effector(odd(""))) == "bad_config");
  CHECK(outcome_of(host.attach_effector(std::make_shared<odd_effector>(
          effector_description{.effector_id = "x", .effector_kind = ""})))
        == "bad_config");
  CHECK(outcome_of(host.attach_effector(std::make_shared<odd_effector>(
          effector_description{.effector_id = "x", .concurrency = 0})))
        == "bad_config");
}

TEST_CASE_METHOD(effector_fixture,
                 "an Effector belongs to one Dendrite at a time",
                 "[actors][dendrite_effector]") {
  recorded_log log;
  auto one = odd();
  auto host = hosting(one);
  CHECK(outcome_of(from.add_effector(one)) == "already_attached");
  CHECK(host.effectors().size() == 1);
  REQUIRE(!host.detach_effector("odd"));
  CHECK(one->closes == 1);
  CHECK(host.effectors().empty());
  CHECK(outcome_of(host.detach_effector("odd")) == "not_found");
  CHECK(outcome_of(from.add_effector(one)) == "ok");
  CHECK(said(from.call_tool({.effector_id = "odd", .tool = "echo"})) == "ok");
}

TEST_CASE_METHOD(effector_fixture,
                 "attached while running it serves from the next start on",
                 "[actors][dendrite_effector]") {
  recorded_log log;
  REQUIRE(from.attach_effector(odd()));
  CHECK(log.count("attached-while-running") == 1);
  CHECK(log.count("add_effector") == 1);
  CHECK(said(from.call_tool(
          {.effector_id = "odd", .tool = "echo", .deadline = 50ms}))
        == "effector_timeout");
  REQUIRE(!from.stop());
  REQUIRE(!from.start());
  CHECK(said(from.call_tool({.effector_id = "odd", .tool = "echo"})) == "ok");
}

TEST_CASE_METHOD(effector_fixture, "Effectors stay out of the store of Neurons",
                 "[actors][dendrite_effector]") {
  auto keeper = sim.runtime().dendrite(
    bus, {.dendrite_id = "keeper",
          .registry_store = std::make_shared<memory_registry_store>()});
  REQUIRE(!keeper.start());
  auto host = hosting(odd());
  sim.run();
  auto known = keeper.find_neurons();
  REQUIRE(known);
  CHECK(known->empty());
}

TEST_CASE_METHOD(effector_fixture, "hooks and handlers come with an Effector",
                 "[actors][dendrite_effector]") {
  texts seen;
  effector what{odd()};
  what.on_connect(
    [&](const effector& e) { seen.push_back("connect " + e.effector_id()); });
  what.on_refresh([&](const effector&, const refresh_event& event) {
    seen.push_back(event.reason);
  });
  REQUIRE(!what.on_schedule(
    10s, [&](const effector&) { seen.push_back("schedule"); }));
  CHECK(outcome_of(what.on_schedule(0s, [](const effector&) {}))
        == "bad_argument");
  CHECK(outcome_of(what.refresh()) == "not_attached");
  int observed = 0;
  what.host().on_tool_call([&](const signal&) { ++observed; });
  auto host = hosting(what);
  sim.run();
  CHECK(seen == texts{"connect odd"});
  REQUIRE(!what.refresh({.reason = "mine"}));
  sim.advance(30s);
  CHECK(seen
        == texts{"connect odd", "mine", "schedule", "schedule", "heartbeat",
                 "schedule"});
  // Both observer and service.
  CHECK(said(from.call_tool({.effector_id = "odd", .tool = "echo"})) == "ok");
  sim.run();
  CHECK(observed == 1);
  // Handlers are registered once, whatever happens.
  REQUIRE(!host.stop());
  REQUIRE(!host.start());
  CHECK(said(from.call_tool({.effector_id = "odd", .tool = "echo"})) == "ok");
  sim.run();
  CHECK(observed == 2);
}

TEST_CASE_METHOD(effector_fixture, "the tree shows Effectors",
                 "[actors][dendrite_effector]") {
  auto host = hosting(odd());
  auto tree = ask_later<child_info>(host.handle(), caf::get_atom_v);
  sim.run();
  REQUIRE(*tree);
  auto& shown = (**tree)->children.at(0);
  CHECK(shown.id == "odd");
  CHECK(shown.state == child_state::running);
  CHECK(shown.handle);
}

// -- trouble -------------------------------------------------------------------

TEST_CASE_METHOD(effector_fixture,
                 "one that cannot connect is tried again while calls wait",
                 "[actors][dendrite_effector]") {
  recorded_log log;
  auto one = odd();
  one->refuse_connects = 2;
  auto host = worker();
  REQUIRE(host.attach_effector(one));
  REQUIRE(!host.start());
  auto pending = call_later({.effector_id = "odd"});
  sim.advance(1s);
  CHECK(said(pending) == "ok");
  CHECK(one->connects == 3);
  CHECK(traffic(signal_type::REGISTER).size() == 1);
  CHECK(outcome_of(from.add_effector([] {
          auto other = odd("other");
          other->refuse_connects = 1;
          return other;
        }()))
        == "connect_failed");
}

TEST_CASE_METHOD(effector_fixture,
                 "one that never connects is called unavailable",
                 "[actors][dendrite_effector]") {
  recorded_log log;
  auto one = odd();
  one->refuse_connects = 1'000;
  auto host = worker();
  REQUIRE(host.attach_effector(one));
  REQUIRE(!host.start());
  auto pending = call_later({.effector_id = "odd"});
  sim.advance(10s);
  CHECK(said(pending) == "effector_unavailable: refused");
  CHECK(said(from.call_tool({.effector_id = "odd", .tool = "echo"}))
        == "effector_unavailable: it cannot be connected");
  CHECK(log.count("effector-unavailable") == 1);
  one->refuse_connects = 0;
  sim.advance(30s);
  CHECK(said(from.call_tool({.effector_id = "odd", .tool = "echo"})) == "ok");
}

TEST_CASE_METHOD(effector_fixture,
                 "whenever an Effector dies, its callers are answered",
                 "[actors][dendrite_effector]") {
  recorded_log log;
  int died = 0;
  for (size_t steps = 0; steps < 12; ++steps) {
    auto id = "odd " + std::to_string(steps);
    auto one = odd(id);
    auto host = hosting(one, "host " + std::to_string(steps));
    auto victim = actor_of(host);
    auto pending = call_later({.effector_id = id, .deadline = 20s});
    deliver(steps);
    kill(victim);
    sim.run();
    sim.advance(1s);
    CAPTURE(steps);
    auto outcome = said(pending);
    if (outcome.starts_with("effector_exception: the Effector died"))
      ++died;
    else
      CHECK(outcome == "ok");
    // It is back.
    CHECK(said(from.call_tool({.effector_id = id, .tool = "echo"})) == "ok");
    CHECK(one->connects == 2);
    CHECK(one->closes == 1);
    REQUIRE(!host.stop());
  }
  CHECK(died > 0);
}

TEST_CASE_METHOD(effector_fixture,
                 "a Dendrite that stops or lets go answers for its tools",
                 "[actors][dendrite_effector]") {
  int ended = 0;
  for (size_t steps = 0; steps < 12; ++steps) {
    for (bool detach : {false, true}) {
      auto id = "odd " + std::to_string(steps) + (detach ? "d" : "s");
      auto one = odd(id);
      auto host = hosting(one, "host of " + id);
      auto pending = call_later({.effector_id = id, .deadline = 5s});
      deliver(steps);
      if (detach)
        REQUIRE(!host.detach_effector(id));
      else
        REQUIRE(!host.stop());
      sim.advance(5s);
      auto outcome = said(pending);
      CAPTURE(steps, detach, outcome);
      if (outcome.starts_with("effector_exception: its Dendrite has stopped"))
        ++ended;
      else
        // Before it came, or after it was made.
        CHECK((outcome == "effector_timeout" || outcome == "ok"));
      CHECK(one->closes == 1);
    }
  }
  CHECK(ended > 0);
}

TEST_CASE_METHOD(effector_fixture,
                 "whoever calls a tool of a Dendrite that died waits no longer "
                 "than it wants",
                 "[actors][dendrite_effector]") {
  auto one = odd();
  auto host = hosting(one);
  kill(host.handle());
  sim.run();
  CHECK(said(from.call_tool(
          {.effector_id = "odd", .tool = "echo", .deadline = 50ms}))
        == "effector_timeout");
  CHECK(one->closes == 1);
  // It may be hosted elsewhere.
  CHECK(from.add_effector(one));
  CHECK(said(from.call_tool({.effector_id = "odd", .tool = "echo"})) == "ok");
}

TEST_CASE_METHOD(effector_fixture, "an Effector outlives the bus",
                 "[actors][dendrite_effector]") {
  recorded_log log;
  auto host = hosting(odd());
  CHECK(said(from.call_tool({.effector_id = "odd", .tool = "echo"})) == "ok");
  kill(bus.handle());
  sim.run();
  CHECK(said(from.call_tool({.effector_id = "odd", .tool = "echo"})) == "ok");
}

TEST_CASE_METHOD(effector_fixture, "too many calls are refused, not lost",
                 "[actors][dendrite_effector]") {
  recorded_log log;
  auto one = odd();
  one->refuse_connects = 1;
  auto host = worker();
  REQUIRE(host.attach_effector(one));
  REQUIRE(!host.start());
  std::vector<answer<tool_outcome>> pending;
  for (int i = 0; i < 1'100; ++i)
    pending.push_back(call_later({.effector_id = "odd"}));
  sim.run();
  sim.advance(1s);
  int made = 0;
  int refused = 0;
  for (auto& p : pending) {
    auto outcome = said(p);
    made += outcome == "ok";
    refused += outcome.starts_with("effector_overloaded");
  }
  CHECK(made == 1'024);
  CHECK(refused == 76);
}

// -- tools that outlive their Effector -----------------------------------------

namespace {

/// Notes what happens to the backend while its tool runs.
struct outliving_fixture : effector_fixture {
  outliving_fixture() {
    one->on_call = [this](const tool_request& call) {
      if (std::exchange(called, true))
        return;
      meanwhile(call);
      closes_meanwhile = one->closes;
      connects_meanwhile = one->connects;
    };
  }

  void check_alone_meanwhile() const {
    CHECK(called);
    CHECK(closes_meanwhile == 0);
    CHECK(connects_meanwhile == 1);
  }

  recorded_log log;
  odd_ptr one = odd();
  dendrite host = hosting(one);
  std::function<void(const tool_request&)> meanwhile;
  bool called = false;
  int closes_meanwhile = -1;
  int connects_meanwhile = -1;
};

} // namespace

TEST_CASE_METHOD(outliving_fixture,
                 "a tool that outlives its detachment closes the backend",
                 "[actors][dendrite_effector]") {
  std::string detached;
  bool stopped = false;
  answer<caf::unit_t> added;
  meanwhile = [&](const tool_request& call) {
    // Until nobody waits for the tool any more.
    detached = outcome_of(host.detach_effector("odd"));
    stopped = call.stop.stop_requested();
    added = ask_later<caf::unit_t>(from.handle(), attach_atom_v, effector{one},
                                   true);
    sim.advance(7s);
    CHECK_FALSE(*added);
  };
  auto pending = call_later({.effector_id = "odd"});
  sim.run();
  check_alone_meanwhile();
  CHECK(detached == "ok");
  CHECK(stopped);
  CHECK(said(pending).starts_with("effector_exception: its Dendrite"));
  // Then it is the other's turn.
  REQUIRE(*added);
  CHECK(outcome_of(**added) == "ok");
  CHECK(one->closes == 1);
  CHECK(one->connects == 2);
  CHECK(said(from.call_tool({.effector_id = "odd", .tool = "echo"})) == "ok");
}

TEST_CASE_METHOD(outliving_fixture,
                 "nobody connects beside a tool whose Effector has died",
                 "[actors][dendrite_effector]") {
  answer<tool_outcome> waiting;
  answer<tool_outcome> pending;
  auto victim = actor_of(host);
  meanwhile = [&](const tool_request& call) {
    kill(victim);
    sim.advance(2s);
    CHECK(call.stop.stop_requested());
    CHECK(said(pending).starts_with("effector_exception: the Effector died"));
    waiting = call_later({.effector_id = "odd"});
    sim.advance(1s);
    CHECK(said(waiting) == "nothing yet");
  };
  pending = call_later({.effector_id = "odd"});
  sim.run();
  check_alone_meanwhile();
  CHECK(one->closes == 1);
  CHECK(one->connects == 2);
  CHECK(said(waiting) == "ok");
}

TEST_CASE_METHOD(outliving_fixture,
                 "whoever leaves the line holds up nobody behind",
                 "[actors][dendrite_effector]") {
  auto victim = actor_of(host);
  meanwhile = [&](const tool_request&) {
    kill(victim);
    sim.advance(1s);
    SECTION("dies") {
      kill(actor_of(host));
      sim.advance(1s);
      CHECK(one->connects == 1);
    }
    SECTION("stops and starts") {
      CHECK(outcome_of(host.stop()) == "ok");
      CHECK(one->closes == 0);
      auto started = ask_later<caf::unit_t>(host.handle(), start_atom_v);
      sim.advance(1s);
      CHECK_FALSE(*started);
    }
    SECTION("is let go") {
      CHECK(outcome_of(host.detach_effector("odd")) == "ok");
      auto added = ask_later<caf::unit_t>(from.handle(), attach_atom_v,
                                          effector{one}, true);
      sim.advance(1s);
      CHECK_FALSE(*added);
    }
  };
  auto pending = call_later({.effector_id = "odd"});
  sim.run();
  check_alone_meanwhile();
  CHECK(one->closes == 1);
  CHECK(one->connects == 2);
  CHECK(said(from.call_tool({.effector_id = "odd", .tool = "echo"})) == "ok");
}

TEST_CASE_METHOD(outliving_fixture,
                 "a tool that outlives a stop is waited for by the next start",
                 "[actors][dendrite_effector]") {
  answer<caf::unit_t> started;
  meanwhile = [&](const tool_request&) {
    CHECK(outcome_of(host.stop()) == "ok");
    started = ask_later<caf::unit_t>(host.handle(), start_atom_v);
    sim.advance(1s);
    CHECK_FALSE(*started);
  };
  auto pending = call_later({.effector_id = "odd"});
  sim.run();
  check_alone_meanwhile();
  REQUIRE(*started);
  CHECK(one->closes == 1);
  CHECK(one->connects == 2);
  CHECK(said(from.call_tool({.effector_id = "odd", .tool = "echo"})) == "ok");
}

// -- served --------------------------------------------------------------------

TEST_CASE_METHOD(effector_fixture, "an Effector can be made of functions",
                 "[actors][dendrite_effector]") {
  auto made = serve(effector_description{.effector_id = "made"});
  CHECK(made->describe().effector_kind == "effector");
  CHECK_FALSE(made->can_serve("add"));
  made->on_tool_call(
    [](const tool_request& call) -> std::optional<tool_outcome> {
      if (call.tool == "odd")
        return tool_outcome{.error = "as is"};
      return std::nullopt;
    });
  made->on_tool_call("add", [](const json& args) -> json {
    // Not its business.
    if (args == json{{"a", 0}, {"b", 0}})
      return nullptr;
    return args.at("a").get<int>() + args.at("b").get<int>();
  });
  made->on_tool_call("add", [](const json&) -> json { return "later"; });
  made->on_tool_call("nothing", [](const json&) -> json { return nullptr; });
  CHECK(made->can_serve("whatever"));
  auto host = hosting(made);
  auto sum = from.call_tool(
    {.effector_id = "made", .tool = "add", .args = {{"a", 1}, {"b", 2}}});
  REQUIRE(sum);
  CHECK(sum->result == 3);
  auto passed_on = from.call_tool(
    {.effector_id = "made", .tool = "add", .args = {{"a", 0}, {"b", 0}}});
  REQUIRE(passed_on);
  CHECK(passed_on->result == "later");
  CHECK(said(from.call_tool({.effector_id = "made", .tool = "nothing"}))
        == "unhandled tool 'nothing'");
  CHECK(said(from.call_tool({.effector_id = "made", .tool = "odd"}))
        == "as is");
  CHECK(said(from.call_tool({.effector_id = "made", .tool = "sub"}))
        == "unhandled tool 'sub'");
  CHECK(said(from.call_tool({.effector_id = "made", .tool = "add"}))
          .starts_with("effector_exception: "));
}

// SPDX-License-Identifier: Apache-2.0
#include "support/bed.hpp"
#include "support/recorded_log.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

namespace {

struct retry_fixture : bed {
  explicit retry_fixture(uint64_t seed = 1) : bed(seed) {
    REQUIRE(!from.start());
  }

  /// Fails recoverably until the last of `calls`.
  any_neuron fails_until(int calls) {
    return [this, calls](const json&, const json&) -> json {
      if (++called < calls)
        return {{"__error__", true},
                {"code", "BUSY"},
                {"message", "not now"},
                {"recoverable", true}};
      return {{"call", called}};
    };
  }

  answer<signal> later(retry_strategy how, dispatch_options what = {}) {
    if (what.neuron.empty())
      what.neuron = "n";
    what.retry = std::move(how);
    return dispatch_later(from, std::move(what));
  }

  std::vector<std::string> traces() {
    std::vector<std::string> result;
    for (auto& sig : traffic(signal_type::TASK))
      result.push_back(sig.trace_id());
    return result;
  }

  int called = 0;
  dendrite from = orchestrator();
};

} // namespace

// -- the loop ------------------------------------------------------------------

TEST_CASE_METHOD(retry_fixture, "what stalls once is tried again",
                 "[actors][dendrite_retry]") {
  held_neuron held;
  auto host = serving("n", held.neuron());
  auto reply = later({.timeout = 400ms});
  sim.run();
  CHECK(held.calls().size() == 1);
  sim.advance(400ms);
  REQUIRE(held.calls().size() == 2);
  CHECK(outcome_of(*reply) == "nothing yet");
  held.calls()[1].done.deliver({{"call", 2}});
  sim.run();
  CHECK(outcome_of(*reply) == "AGENT_OUTPUT");
  CHECK((**reply)->output() == json{{"call", 2}});
  CHECK(held.calls().size() == 2);
}

TEST_CASE_METHOD(retry_fixture,
                 "when every attempt stalls, the last timeout is the answer",
                 "[actors][dendrite_retry]") {
  held_neuron held;
  auto host = serving("n", held.neuron());
  auto reply = from.run_with_retry({.max_attempts = 2, .timeout = 400ms},
                                   {.neuron = "n"});
  CHECK(outcome_of(reply) == "timeout");
  CHECK(held.calls().size() == 2);
  sim.run();
  CHECK(traffic(signal_type::STOP).size() == 2);
  for (auto& call : held.calls())
    CHECK(call.io.stop_token().stop_requested());
}

TEST_CASE_METHOD(retry_fixture, "an ERROR is tried again if it says so",
                 "[actors][dendrite_retry]") {
  auto host = serving("n", fails_until(3));
  auto reply = from.run_with_retry({}, {.neuron = "n"});
  CHECK(outcome_of(reply) == "AGENT_OUTPUT");
  CHECK(called == 3);
}

TEST_CASE_METHOD(retry_fixture, "the last recoverable ERROR is the answer",
                 "[actors][dendrite_retry]") {
  auto host = serving("n", fails_until(100));
  auto reply = from.run_with_retry({.max_attempts = 2}, {.neuron = "n"});
  CHECK(outcome_of(reply) == "ERROR BUSY recoverable");
  CHECK(called == 2);
}

TEST_CASE_METHOD(retry_fixture, "what is final is not tried again",
                 "[actors][dendrite_retry]") {
  auto host = serving("n", [this](const json&, const json&) -> json {
    ++called;
    throw std::runtime_error{"broken"};
  });
  auto reply = from.run_with_retry({}, {.neuron = "n"});
  CHECK(outcome_of(reply) == "ERROR NEURON_EXCEPTION");
  CHECK(called == 1);
  CHECK(traffic(signal_type::STOP).empty());
}

TEST_CASE_METHOD(retry_fixture, "what cannot be dispatched is not tried at all",
                 "[actors][dendrite_retry]") {
  CHECK(outcome_of(from.run_with_retry({}, {})) == "bad_argument");
  CHECK(outcome_of(from.run_with_retry({}, {.neuron = "n", .input = 3}))
        == "bad_argument");
  CHECK(outcome_of(from.run_with_retry({}, {.neuron = "n", .meta = 3}))
        == "bad_argument");
  auto none = from.run_with_retry({.max_attempts = 0}, {.neuron = "n"});
  CHECK(outcome_of(none) == "bad_argument");
  CHECK(text_of(none) == "max_attempts must be at least 1: 0");
  auto host = serving("n", echo());
  CHECK(outcome_of(host.run_with_retry({}, {.neuron = "n"}))
        == "protocol_violation");
  CHECK(traffic(signal_type::TASK).empty());
  CHECK(traffic(signal_type::STOP).empty());
}

// -- traces --------------------------------------------------------------------

TEST_CASE_METHOD(
  retry_fixture,
  "each attempt has a trace of its own, and those given up are stopped",
  "[actors][dendrite_retry]") {
  auto host = serving("n", fails_until(3));
  auto reply = from.run_with_retry(
    {}, {.neuron = "n", .trace_id = "trc_mine", .meta = {{"k", "v"}}});
  REQUIRE(reply);
  sim.run();
  auto used = traces();
  REQUIRE(used.size() == 3);
  CHECK(std::set<std::string>(used.begin(), used.end()).size() == 3);
  CHECK(std::ranges::find(used, "trc_mine") == used.end());
  CHECK(reply->trace_id() == used[2]);
  auto tasks = traffic(signal_type::TASK);
  for (int i = 0; i < 3; ++i)
    CHECK(tasks[i].meta() == json{{"k", "v"}, {"attempt", i}});
  auto stops = traffic(signal_type::STOP);
  REQUIRE(stops.size() == 2);
  CHECK(stops[0].trace_id() == used[0]);
  CHECK(stops[1].trace_id() == used[1]);
  CHECK(stops[0].payload() == json{{"rollback", false}, {"reason", "retry"}});
  CHECK(stops[0].meta() == json::object());
}

TEST_CASE_METHOD(retry_fixture,
                 "attempts may share one trace, which is never stopped",
                 "[actors][dendrite_retry]") {
  held_neuron held;
  auto host = serving("n", held.neuron());
  auto reply = later({.timeout = 100ms, .new_trace = false},
                     {.neuron = "n", .trace_id = "trc_mine"});
  sim.run();
  sim.advance(100ms);
  REQUIRE(held.calls().size() == 2);
  CHECK(traces() == std::vector<std::string>{"trc_mine", "trc_mine"});
  // The first attempt answers, late, and counts for the second.
  held.calls()[0].done.deliver({{"call", 1}});
  sim.run();
  CHECK((**reply)->output() == json{{"call", 1}});
  CHECK(traffic(signal_type::STOP).empty());
}

TEST_CASE_METHOD(retry_fixture, "a shared trace is fresh if none was given",
                 "[actors][dendrite_retry]") {
  auto host = serving("n", fails_until(2));
  // The trace of an ERROR is over, but a new TASK may follow on it.
  REQUIRE(from.run_with_retry({.new_trace = false}, {.neuron = "n"}));
  auto used = traces();
  REQUIRE(used.size() == 2);
  CHECK(used[0] == used[1]);
}

TEST_CASE_METHOD(retry_fixture, "a retry that undoes its attempts says so",
                 "[actors][dendrite_retry]") {
  auto host = serving("n", fails_until(100));
  (void)from.run_with_retry(
    {.max_attempts = 2, .rollback_on_retry = true, .reason = "again"},
    {.neuron = "n"});
  sim.run();
  auto stops = traffic(signal_type::STOP);
  REQUIRE(stops.size() == 2);
  for (auto& stop : stops)
    CHECK(stop.payload() == json{{"rollback", true}, {"reason", "again"}});
  // Only who waits for them asks for acknowledgements.
  CHECK(stops[0].meta() == json{{"ack", "always"}});
  CHECK(stops[1].meta() == json::object());
}

// -- the strategy's functions --------------------------------------------------

TEST_CASE_METHOD(retry_fixture, "the pause grows as the strategy says",
                 "[actors][dendrite_retry]") {
  auto host = serving("n", fails_until(4));
  auto reply = later({.max_attempts = 4, .backoff = [](int attempt) {
                        return (1 << attempt) * 1s;
                      }});
  sim.run();
  CHECK(called == 1);
  sim.advance(999ms);
  CHECK(called == 1);
  sim.advance(1ms);
  CHECK(called == 2);
  sim.advance(2s);
  CHECK(called == 3);
  sim.advance(4s);
  CHECK(called == 4);
  CHECK(outcome_of(*reply) == "AGENT_OUTPUT");
}

TEST_CASE_METHOD(retry_fixture,
                 "whoever wants to hears before each further attempt",
                 "[actors][dendrite_retry]") {
  auto host = serving("n", fails_until(100));
  std::vector<std::string> heard;
  auto reply = from.run_with_retry(
    {.on_retry =
       [&](int attempt, const attempt_outcome& outcome) {
         heard.push_back(std::to_string(attempt) + ' ' + outcome_of(outcome)
                         + ' ' + std::to_string(called));
       }},
    {.neuron = "n"});
  CHECK(heard
        == std::vector<std::string>{"0 ERROR BUSY recoverable 1",
                                    "1 ERROR BUSY recoverable 2"});
}

TEST_CASE_METHOD(retry_fixture,
                 "the strategy decides what is worth another attempt",
                 "[actors][dendrite_retry]") {
  auto host = serving("n", [this](const json&, const json&) -> json {
    return {{"call", ++called}};
  });
  auto picky = [](const attempt_outcome& outcome) {
    return !outcome || outcome->output()["call"] < 3;
  };
  auto reply = from.run_with_retry({.max_attempts = 5, .retry_on = picky},
                                   {.neuron = "n"});
  REQUIRE(reply);
  CHECK(reply->output() == json{{"call", 3}});
}

TEST_CASE_METHOD(retry_fixture,
                 "a judge that throws ends the call with its words",
                 "[actors][dendrite_retry]") {
  auto host = serving("n", fails_until(100));
  auto reply
    = from.run_with_retry({.retry_on = [](const attempt_outcome&) -> bool {
                            throw std::runtime_error{"no idea"};
                          }},
                          {.neuron = "n"});
  CHECK(outcome_of(reply) == "bad_argument");
  CHECK(text_of(reply) == "retry_on: no idea");
  CHECK(called == 1);
}

TEST_CASE_METHOD(retry_fixture, "hooks that throw change nothing",
                 "[actors][dendrite_retry]") {
  recorded_log log;
  auto host = serving("n", fails_until(2));
  auto reply = from.run_with_retry(
    {.backoff = [](int) -> std::chrono::nanoseconds { throw 7; },
     .on_retry
     = [](int, const attempt_outcome&) { throw std::runtime_error{"oops"}; }},
    {.neuron = "n"});
  CHECK(outcome_of(reply) == "AGENT_OUTPUT");
  CHECK(log.count("on_retry: oops") == 1);
  CHECK(log.count("backoff: unknown exception") == 1);
}

TEST_CASE_METHOD(retry_fixture,
                 "without a timeout of its own an attempt has the call's",
                 "[actors][dendrite_retry]") {
  held_neuron held;
  auto host = serving("n", held.neuron());
  auto reply = later({.max_attempts = 1, .timeout = std::nullopt},
                     {.neuron = "n", .timeout = 7s});
  sim.advance(6999ms);
  CHECK(outcome_of(*reply) == "nothing yet");
  sim.advance(1ms);
  CHECK(outcome_of(*reply) == "timeout");
}

// -- ends ----------------------------------------------------------------------

TEST_CASE_METHOD(retry_fixture,
                 "a STOP from elsewhere is worth another attempt",
                 "[actors][dendrite_retry]") {
  held_neuron held;
  auto host = serving("n", held.neuron());
  auto reply = later({.max_attempts = 2});
  sim.run();
  REQUIRE(from.emit_stop(traces()[0]));
  sim.run();
  REQUIRE(held.calls().size() == 2);
  held.calls()[1].done.deliver(json::object());
  sim.run();
  CHECK(outcome_of(*reply) == "AGENT_OUTPUT");
}

TEST_CASE_METHOD(retry_fixture, "a Dendrite that stops tries nothing again",
                 "[actors][dendrite_retry]") {
  held_neuron held;
  auto host = serving("n", held.neuron());
  auto reply = later({.timeout = 1s, .backoff = constant_backoff(1min)});
  sim.run();
  SECTION("during an attempt") {
    REQUIRE(!from.stop());
  }
  SECTION("during a pause") {
    sim.advance(10s);
    CHECK(outcome_of(*reply) == "nothing yet");
    REQUIRE(!from.stop());
  }
  SECTION("by dying") {
    kill(from.handle());
    CHECK(outcome_of(*reply) == "nothing yet");
  }
  SECTION("with its bus") {
    CHECK(outcome_of(*reply) == "nothing yet");
    bus.close();
  }
  sim.run();
  CHECK(outcome_of(*reply) == "pathway_closed");
  sim.advance(10min);
  CHECK(held.calls().size() == 1);
}

TEST_CASE_METHOD(retry_fixture,
                 "a Dendrite that drains lets nothing be tried again",
                 "[actors][dendrite_retry]") {
  held_neuron held;
  auto host = serving("n", held.neuron());
  auto draining = sim.runtime().dendrite(bus, {.drain_on_stop = 10s});
  REQUIRE(draining.attach_axon({.neuron_id = "own", .neuron = held.neuron()}));
  REQUIRE(!draining.start());
  REQUIRE(from.dispatch_task({.neuron = "own"}));
  sim.run();
  auto stopped
    = ask_later<caf::unit_t>(draining.handle(), stop_atom_v, std::string{});
  sim.run();
  auto reply
    = dispatch_later(draining, {.neuron = "n", .retry = retry_strategy{}});
  sim.advance(11s);
  CHECK(outcome_of(*stopped) == "ok");
  CHECK(outcome_of(*reply) == "pathway_closed");
  auto tasks = traffic(signal_type::TASK).size();
  sim.advance(5min);
  CHECK(traffic(signal_type::TASK).size() == tasks);
}

TEST_CASE_METHOD(retry_fixture, "a stop during on_retry is not slept over",
                 "[actors][dendrite_retry]") {
  auto host = serving("n", fails_until(100));
  auto reply
    = later({.backoff = constant_backoff(1h),
             .on_retry = [&](int, const attempt_outcome&) {
               caf::anon_send(from.handle(), stop_atom_v, std::string{});
               sim.run();
             }});
  sim.run();
  CHECK(outcome_of(*reply) == "pathway_closed");
}

TEST_CASE_METHOD(retry_fixture, "functions of a strategy may have a state",
                 "[actors][dendrite_retry]") {
  auto host = serving("n", fails_until(100));
  auto reply = later(
    {.max_attempts = 10,
     .backoff = [pause = 0](int) mutable { return ++pause * 1s; },
     .retry_on
     = [left = 3](const attempt_outcome&) mutable { return --left > 0; }});
  sim.advance(1s);
  CHECK(called == 2);
  sim.advance(1s);
  CHECK(called == 2);
  sim.advance(1s);
  CHECK(called == 3);
  sim.advance(1h);
  CHECK(called == 3);
  CHECK(outcome_of(*reply) == "ERROR BUSY recoverable");
}

TEST_CASE_METHOD(retry_fixture, "only a call that waits can be tried again",
                 "[actors][dendrite_retry]") {
  auto path = from.dispatch({.neuron = "n", .retry = retry_strategy{}});
  CHECK(outcome_of(path) == "bad_argument");
  CHECK(text_of(path) == "only dispatch_and_wait takes a retry strategy");
}

TEST_CASE_METHOD(retry_fixture, "nothing is left of a retry",
                 "[actors][dendrite_retry]") {
  auto host = serving("n", fails_until(3));
  // A worker that runs Neurons is kept.
  REQUIRE(from.run_with_retry({}, {.neuron = "n"}));
  called = 0;
  sim.run();
  auto actors = sim.actors_alive();
  REQUIRE(
    from.run_with_retry({.backoff = exponential_backoff()}, {.neuron = "n"}));
  sim.run();
  CHECK(sim.actors_alive() == actors);
}

TEST_CASE("whoever dies during a retry, its caller gets an answer",
          "[actors][dendrite_retry]") {
  for (int victim = 0; victim < 3; ++victim) {
    for (size_t steps = 0; steps < 60; ++steps) {
      CAPTURE(victim, steps);
      retry_fixture f{steps + 1};
      auto host = f.serving("n", f.fails_until(3));
      auto reply = f.later({.timeout = 1s, .backoff = constant_backoff(1s)});
      for (size_t i = 0; i < steps; ++i)
        f.sim.step();
      if (victim == 0)
        f.kill(f.from.handle());
      else if (victim == 1)
        f.kill(host.handle());
      else
        f.bus.close();
      f.sim.run();
      f.sim.advance(10s);
      CHECK(*reply);
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
#include "support/bed.hpp"
#include "support/recorded_log.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

namespace {

struct lifecycle_fixture : bed {
  axon named(std::string id, std::vector<std::string> capabilities = {}) {
    return {{.neuron_id = std::move(id),
             .neuron = echo(),
             .capabilities = std::move(capabilities)}};
  }

  /// A started worker that waits for its work before it stops.
  dendrite draining(std::chrono::nanoseconds drain) {
    auto result = sim.runtime().dendrite(bus, {.dendrite_id = "draining",
                                               .role = role::worker,
                                               .drain_on_stop = drain});
    REQUIRE(result.attach_axon({.neuron_id = "a", .neuron = held.neuron()}));
    REQUIRE_FALSE(result.start());
    return result;
  }

  /// REGISTER and DEREGISTER so far, by Neuron.
  std::string announcements() {
    std::string result;
    for (auto& sig : traffic())
      if (sig.type() == signal_type::REGISTER)
        result += " +" + std::string{sig.directed_id()};
      else if (sig.type() == signal_type::DEREGISTER)
        result += " -" + std::string{sig.directed_id()};
    return result;
  }

  answer<caf::unit_t> stop_later(const dendrite& d) {
    return ask_later<caf::unit_t>(d.handle(), stop_atom_v, std::string{});
  }

  held_neuron held;
  dendrite from = orchestrator();
};

} // namespace

// -- announcing ------------------------------------------------------------------

TEST_CASE_METHOD(lifecycle_fixture, "a start announces, a stop says farewell",
                 "[actors][dendrite_lifecycle]") {
  auto host = worker();
  REQUIRE(host.attach_axon({.neuron_id = "a",
                            .neuron = echo(),
                            .capabilities = {"y", "x"},
                            .version = "1.2",
                            .neuron_kind = "planner"}));
  REQUIRE(host.attach_axon(named("b")));
  sim.run();
  CHECK(traffic().empty());
  CHECK(outcome_of(host.start()) == "ok");
  CHECK(outcome_of(host.start()) == "ok");
  sim.run();
  CHECK(announcements() == " +a +b");
  auto about = traffic().at(0);
  CHECK(about.directed() == directed{"a", "planner", {"y", "x"}});
  CHECK(about.payload()
        == json{{"role", "neuron"},
                {"capabilities", {"y", "x"}},
                {"version", "1.2"}});
  CHECK_FALSE(about.parent_id());
  CHECK(traffic().at(1).trace_id() != about.trace_id());
  CHECK(outcome_of(host.stop("tired")) == "ok");
  CHECK(outcome_of(host.stop("again")) == "ok");
  sim.run();
  CHECK(announcements() == " +a +b -a -b");
  CHECK(traffic().at(2).payload() == json{{"reason", "tired"}});
  CHECK(traffic().at(2).directed() == directed::to("a"));
}

TEST_CASE_METHOD(lifecycle_fixture, "a farewell without reason has none",
                 "[actors][dendrite_lifecycle]") {
  auto host = serving(named("a"));
  CHECK_FALSE(host.stop());
  sim.run();
  CHECK(traffic(signal_type::DEREGISTER).at(0).payload() == json::object());
}

TEST_CASE_METHOD(lifecycle_fixture, "a stopped Dendrite serves nobody",
                 "[actors][dendrite_lifecycle]") {
  auto host = serving(named("a", {"x"}));
  CHECK_FALSE(host.stop());
  CHECK(outcome_of(from.dispatch_and_wait({.neuron = "a", .timeout = 1s}))
        == "timeout");
  CHECK(
    outcome_of(from.dispatch_and_wait({.capabilities = {"x"}, .timeout = 1s}))
    == "timeout");
}

TEST_CASE_METHOD(lifecycle_fixture, "a stopped Dendrite may be started again",
                 "[actors][dendrite_lifecycle]") {
  auto host = serving(named("a", {"x"}));
  for (int i = 0; i < 3; ++i) {
    CHECK(outcome_of(from.dispatch_and_wait({.neuron = "a"}))
          == "AGENT_OUTPUT");
    CHECK(outcome_of(from.dispatch_and_wait({.capabilities = {"x"}}))
          == "AGENT_OUTPUT");
    CHECK(outcome_of(host.stop()) == "ok");
    CHECK(outcome_of(host.start()) == "ok");
  }
  sim.run();
  CHECK(announcements() == " +a -a +a -a +a -a +a");
}

TEST_CASE_METHOD(lifecycle_fixture, "starts and stops leave no actors behind",
                 "[actors][dendrite_lifecycle]") {
  auto host = serving(named("a"));
  REQUIRE(from.dispatch_and_wait({.neuron = "a"}));
  CHECK_FALSE(host.stop());
  CHECK_FALSE(from.stop());
  sim.run();
  auto base = sim.actors_alive();
  for (int i = 0; i < 5; ++i) {
    CHECK_FALSE(host.start());
    REQUIRE(from.dispatch_and_wait({.neuron = "a"}));
    auto opened = from.dispatch({.neuron = "a", .finalize = true});
    REQUIRE(opened);
    CHECK(outcome_of(opened->wait_for(signal_type::FINAL, 1s)) == "FINAL");
    CHECK_FALSE(host.stop());
    CHECK_FALSE(from.stop());
  }
  sim.run();
  CHECK(sim.actors_alive() == base);
}

// -- attaching -------------------------------------------------------------------

TEST_CASE_METHOD(lifecycle_fixture, "an id is hosted once",
                 "[actors][dendrite_lifecycle]") {
  auto host = worker();
  REQUIRE(host.attach_axon(named("a")));
  CHECK(outcome_of(host.attach_axon(named("a"))) == "already_exists");
  CHECK(outcome_of(host.add_axon(named("a"))) == "already_exists");
}

TEST_CASE_METHOD(lifecycle_fixture, "an Axon is hosted by one Dendrite",
                 "[actors][dendrite_lifecycle]") {
  auto one = worker("one");
  auto two = worker("two");
  auto what = named("a");
  REQUIRE(one.attach_axon(what));
  CHECK(outcome_of(two.attach_axon(what)) == "already_attached");
  CHECK_FALSE(one.detach_axon("a"));
  CHECK(outcome_of(two.attach_axon(what)) == "ok");
}

TEST_CASE_METHOD(lifecycle_fixture, "a failed attach comes up at the start",
                 "[actors][dendrite_lifecycle]") {
  recorded_log log;
  auto host = worker();
  CHECK(outcome_of(host.attach_axon({.neuron_id = ""})) == "bad_config");
  CHECK(outcome_of(host.attach_axon(named("b"))) == "ok");
  CHECK(log.count("attach-failed") == 1);
  CHECK(outcome_of(host.start()) == "bad_config");
  CHECK(announcements().empty());
  // Once is enough: whoever goes on knows what is missing.
  CHECK(outcome_of(host.start()) == "ok");
  CHECK(outcome_of(from.dispatch_and_wait({.neuron = "b"})) == "AGENT_OUTPUT");
}

TEST_CASE_METHOD(lifecycle_fixture, "add_axon announces and routes at once",
                 "[actors][dendrite_lifecycle]") {
  auto host = worker();
  REQUIRE_FALSE(host.start());
  REQUIRE(host.add_axon(named("a", {"x"})));
  CHECK(outcome_of(from.dispatch_and_wait({.neuron = "a"})) == "AGENT_OUTPUT");
  CHECK(outcome_of(from.dispatch_and_wait({.capabilities = {"x"}}))
        == "AGENT_OUTPUT");
  CHECK(announcements() == " +a");
}

TEST_CASE_METHOD(lifecycle_fixture, "add_axon before the start is an attach",
                 "[actors][dendrite_lifecycle]") {
  auto host = worker();
  REQUIRE(host.add_axon(named("a")));
  sim.run();
  CHECK(announcements().empty());
  REQUIRE_FALSE(host.start());
  sim.run();
  CHECK(announcements() == " +a");
}

TEST_CASE_METHOD(lifecycle_fixture, "attach_axon while running waits and warns",
                 "[actors][dendrite_lifecycle]") {
  recorded_log log;
  auto host = serving(named("a"));
  CHECK(outcome_of(host.attach_axon(named("b", {"x"}))) == "ok");
  CHECK(log.count("add_axon") == 1);
  CHECK(outcome_of(from.dispatch_and_wait({.neuron = "b", .timeout = 1s}))
        == "timeout");
  CHECK(
    outcome_of(from.dispatch_and_wait({.capabilities = {"x"}, .timeout = 1s}))
    == "timeout");
  CHECK(announcements() == " +a");
  CHECK_FALSE(host.stop());
  CHECK_FALSE(host.start());
  CHECK(outcome_of(from.dispatch_and_wait({.neuron = "b"})) == "AGENT_OUTPUT");
  // It never was announced, so it was not deregistered either.
  CHECK(announcements() == " +a -a +a +b");
}

// -- detaching -------------------------------------------------------------------

TEST_CASE_METHOD(lifecycle_fixture, "a detached Axon says farewell and is gone",
                 "[actors][dendrite_lifecycle]") {
  auto host = serving(named("a"));
  REQUIRE(host.add_axon(named("b")));
  CHECK(outcome_of(host.detach_axon("a", "moved")) == "ok");
  CHECK(outcome_of(host.detach_axon("a")) == "not_found");
  CHECK(outcome_of(host.detach_axon("c")) == "not_found");
  CHECK(outcome_of(from.dispatch_and_wait({.neuron = "a", .timeout = 1s}))
        == "timeout");
  CHECK(outcome_of(from.dispatch_and_wait({.neuron = "b"})) == "AGENT_OUTPUT");
  CHECK(announcements() == " +a +b -a");
  CHECK(traffic(signal_type::DEREGISTER).at(0).payload()
        == json{{"reason", "moved"}});
  REQUIRE(host.add_axon(named("a")));
  CHECK(outcome_of(from.dispatch_and_wait({.neuron = "a"})) == "AGENT_OUTPUT");
}

TEST_CASE_METHOD(lifecycle_fixture, "detaching before the start is silent",
                 "[actors][dendrite_lifecycle]") {
  auto host = worker();
  REQUIRE(host.attach_axon(named("a")));
  CHECK(outcome_of(host.detach_axon("a")) == "ok");
  REQUIRE_FALSE(host.start());
  sim.run();
  CHECK(announcements().empty());
}

TEST_CASE_METHOD(lifecycle_fixture,
                 "unfinished work of a detached Axon is "
                 "answered",
                 "[actors][dendrite_lifecycle]") {
  auto host = serving("a", held.neuron());
  auto reply = dispatch_later(from, {.neuron = "a", .trace_id = "trc_t"});
  sim.run();
  CHECK_FALSE(host.detach_axon("a"));
  sim.run();
  CHECK(outcome_of(*reply) == "ERROR DENDRITE_STOPPED recoverable");
  // The answer comes before the farewell.
  CHECK(outcome_of(traffic().back()) == "DEREGISTER");
}

TEST_CASE_METHOD(lifecycle_fixture, "a draining detach waits for its own work",
                 "[actors][dendrite_lifecycle]") {
  held_neuron other;
  auto host = draining(10s);
  REQUIRE(host.add_axon({{.neuron_id = "b", .neuron = other.neuron()}}));
  auto reply = dispatch_later(from, {.neuron = "a"});
  auto unrelated = dispatch_later(from, {.neuron = "b"});
  sim.run();
  auto gone = std::make_shared<bool>(false);
  sim.runtime().system().spawn<caf::hidden>(
    [hdl = host.handle(), gone](caf::event_based_actor* self) {
      self->request(hdl, caf::infinite, detach_atom_v, "a"s, ""s).then([gone] {
        *gone = true;
      });
    });
  sim.run();
  CHECK_FALSE(*gone);
  // It takes no more work meanwhile.
  CHECK(outcome_of(from.dispatch_and_wait({.neuron = "a", .timeout = 1s}))
        == "ERROR DENDRITE_STOPPED recoverable");
  held.calls().at(0).done.deliver(json::object());
  sim.run();
  CHECK(*gone);
  CHECK(outcome_of(*reply) == "AGENT_OUTPUT");
  CHECK(outcome_of(*unrelated) == "nothing yet");
  other.calls().at(0).done.deliver(json::object());
  sim.run();
  CHECK(outcome_of(*unrelated) == "AGENT_OUTPUT");
}

TEST_CASE_METHOD(lifecycle_fixture,
                 "an Axon that leaves beats as long as it works",
                 "[actors][dendrite_lifecycle]") {
  auto host = draining(100s);
  REQUIRE(from.dispatch_task({.neuron = "a"}));
  sim.run();
  caf::anon_send(host.handle(), detach_atom_v, "a"s, ""s);
  sim.advance(60s);
  CHECK(traffic(signal_type::HEARTBEAT).size() == 2);
  // It is not announced any more.
  CHECK(announcements() == " +a");
}

// -- stopping with work in flight ------------------------------------------------

TEST_CASE_METHOD(lifecycle_fixture, "unfinished work is answered at stop",
                 "[actors][dendrite_lifecycle]") {
  auto host = serving("a", held.neuron());
  auto first = dispatch_later(from, {.neuron = "a"});
  auto second = dispatch_later(from, {.neuron = "a", .scope = scope::terminal});
  sim.run();
  CHECK_FALSE(host.stop());
  sim.run();
  for (auto& reply : {first, second}) {
    REQUIRE(outcome_of(*reply) == "ERROR DENDRITE_STOPPED recoverable");
    CHECK((**reply)->directed() == directed::to("a"));
  }
  CHECK((**first)->parent_id() == traffic(signal_type::TASK).at(0).id());
  CHECK(announcements() == " +a -a");
  CHECK(outcome_of(traffic().back()) == "DEREGISTER");
  // A late result is discarded; no STOPPED stands for it.
  held.calls().at(0).done.deliver(json::object());
  sim.run();
  CHECK(traffic(signal_type::AGENT_OUTPUT).empty());
  CHECK(traffic(signal_type::STOPPED).empty());
}

TEST_CASE_METHOD(lifecycle_fixture, "a TASK that meets a stop is answered",
                 "[actors][dendrite_lifecycle]") {
  // Whatever has been delivered when the stop comes in.
  for (size_t steps = 0; steps < 40; ++steps) {
    CAPTURE(steps);
    bed own{steps + 1};
    held_neuron neuron;
    auto host = own.serving("a", neuron.neuron());
    auto dispatcher = own.orchestrator();
    auto reply = own.dispatch_later(dispatcher, {.neuron = "a"});
    own.deliver(steps);
    CHECK_FALSE(host.stop());
    own.sim.advance(31s);
    auto outcome = outcome_of(*reply);
    CHECK((outcome == "ERROR DENDRITE_STOPPED recoverable"
           || outcome == "timeout"));
    if (!neuron.calls().empty())
      CHECK(outcome == "ERROR DENDRITE_STOPPED recoverable");
  }
}

TEST_CASE_METHOD(lifecycle_fixture, "a draining stop lets work end",
                 "[actors][dendrite_lifecycle]") {
  auto host = draining(10s);
  auto reply = dispatch_later(from, {.neuron = "a", .finalize = true});
  sim.run();
  auto stopped = stop_later(host);
  sim.run();
  CHECK(outcome_of(*stopped) == "nothing yet");
  CHECK(announcements() == " +a");
  CHECK(outcome_of(from.dispatch_and_wait({.neuron = "a", .timeout = 1s}))
        == "timeout");
  held.calls().at(0).done.deliver(json::object());
  sim.run();
  CHECK(outcome_of(*reply) == "AGENT_OUTPUT");
  CHECK(outcome_of(*stopped) == "ok");
  CHECK(outcome_of(traffic().back()) == "DEREGISTER");
  CHECK(traffic(signal_type::FINAL).size() == 1);
}

TEST_CASE_METHOD(lifecycle_fixture, "a draining stop has an end",
                 "[actors][dendrite_lifecycle]") {
  auto host = draining(10s);
  auto reply = dispatch_later(from, {.neuron = "a"});
  sim.run();
  auto stopped = stop_later(host);
  auto again = stop_later(host);
  sim.advance(10s - 1ns);
  CHECK(outcome_of(*stopped) == "nothing yet");
  CHECK_FALSE(held.calls().at(0).io.stop_token().stop_requested());
  sim.advance(1ns);
  CHECK(outcome_of(*stopped) == "ok");
  CHECK(outcome_of(*again) == "ok");
  CHECK(outcome_of(*reply) == "ERROR DENDRITE_STOPPED recoverable");
  CHECK(held.calls().at(0).io.stop_token().stop_requested());
}

TEST_CASE_METHOD(lifecycle_fixture, "an endless drain waits for the work",
                 "[actors][dendrite_lifecycle]") {
  auto host = draining(std::chrono::nanoseconds::max());
  REQUIRE(from.dispatch_task({.neuron = "a"}));
  sim.run();
  auto stopped = stop_later(host);
  sim.advance(24h);
  CHECK(outcome_of(*stopped) == "nothing yet");
  held.calls().at(0).done.deliver(json::object());
  sim.run();
  CHECK(outcome_of(*stopped) == "ok");
  CHECK(traffic(signal_type::AGENT_OUTPUT).size() == 1);
}

TEST_CASE_METHOD(lifecycle_fixture, "each draining stop has its own time",
                 "[actors][dendrite_lifecycle]") {
  auto host = draining(10s);
  auto first = dispatch_later(from, {.neuron = "a"});
  sim.run();
  auto stopped = stop_later(host);
  sim.run();
  held.calls().at(0).done.deliver(json::object());
  sim.advance(5s);
  REQUIRE(outcome_of(*stopped) == "ok");
  // Five seconds of the first stop are left when the second begins.
  CHECK_FALSE(host.start());
  auto second = dispatch_later(from, {.neuron = "a"});
  sim.run();
  auto stopped_again = stop_later(host);
  sim.advance(6s);
  CHECK(outcome_of(*stopped_again) == "nothing yet");
  held.calls().at(1).done.deliver(json::object());
  sim.run();
  CHECK(outcome_of(*second) == "AGENT_OUTPUT");
}

TEST_CASE_METHOD(lifecycle_fixture, "each draining detach has its own time",
                 "[actors][dendrite_lifecycle]") {
  auto host = draining(10s);
  auto detach = [&] {
    sim.runtime().system().spawn<caf::hidden>(
      [hdl = host.handle()](caf::event_based_actor* self) {
        self->request(hdl, caf::infinite, detach_atom_v, "a"s, ""s).then([] {});
      });
    sim.run();
  };
  auto first = dispatch_later(from, {.neuron = "a"});
  sim.run();
  detach();
  held.calls().at(0).done.deliver(json::object());
  sim.advance(5s);
  CHECK(outcome_of(*first) == "AGENT_OUTPUT");
  REQUIRE(host.add_axon({{.neuron_id = "a", .neuron = held.neuron()}}));
  auto second = dispatch_later(from, {.neuron = "a"});
  sim.run();
  detach();
  sim.advance(6s);
  CHECK(outcome_of(*second) == "nothing yet");
  held.calls().at(1).done.deliver(json::object());
  sim.run();
  CHECK(outcome_of(*second) == "AGENT_OUTPUT");
}

TEST_CASE_METHOD(lifecycle_fixture, "a start ends a drain",
                 "[actors][dendrite_lifecycle]") {
  auto host = draining(10s);
  auto reply = dispatch_later(from, {.neuron = "a"});
  sim.run();
  auto stopped = stop_later(host);
  sim.run();
  CHECK(outcome_of(host.start()) == "ok");
  CHECK(outcome_of(*stopped) == "ok");
  CHECK(outcome_of(*reply) == "ERROR DENDRITE_STOPPED recoverable");
  CHECK(announcements() == " +a -a +a");
}

TEST_CASE_METHOD(lifecycle_fixture, "a stop closes the Dendrite's Pathways",
                 "[actors][dendrite_lifecycle]") {
  auto opened = from.dispatch({.neuron = "nobody"});
  REQUIRE(opened);
  auto wait = ask_later<signal>(opened->handle(), wait_atom_v, types::waking,
                                caf::timespan{caf::infinite});
  auto reply = dispatch_later(from, {.neuron = "nobody"});
  sim.run();
  // It never was started; its Pathways close all the same.
  CHECK(outcome_of(from.stop()) == "ok");
  sim.run();
  CHECK(opened->closed());
  CHECK(outcome_of(*wait) == "pathway_closed");
  CHECK(outcome_of(*reply) == "pathway_closed");
}

TEST_CASE_METHOD(lifecycle_fixture, "a stopped orchestrator may still dispatch",
                 "[actors][dendrite_lifecycle]") {
  auto host = serving(named("a"));
  REQUIRE_FALSE(from.start());
  REQUIRE_FALSE(from.stop());
  CHECK(outcome_of(from.dispatch_and_wait({.neuron = "a"})) == "AGENT_OUTPUT");
}

// -- scopes ----------------------------------------------------------------------

TEST_CASE_METHOD(lifecycle_fixture, "a scope starts in order, stops in reverse",
                 "[actors][dendrite_lifecycle]") {
  auto one = worker("one");
  auto two = worker("two");
  REQUIRE(one.attach_axon(named("a")));
  REQUIRE(two.attach_axon(named("b")));
  {
    auto scope = running(one, two);
    CHECK(scope);
    CHECK(outcome_of(from.dispatch_and_wait({.neuron = "b"}))
          == "AGENT_OUTPUT");
  }
  sim.run();
  CHECK(announcements() == " +a +b -b -a");
}

TEST_CASE_METHOD(lifecycle_fixture, "a scope that cannot start runs nothing",
                 "[actors][dendrite_lifecycle]") {
  auto one = worker("one");
  auto two = worker("two");
  REQUIRE(one.attach_axon(named("a")));
  REQUIRE_FALSE(two.attach_axon({.neuron_id = ""}));
  auto scope = running(one, two);
  CHECK_FALSE(scope);
  CHECK(outcome_of(scope.error()) == "bad_config");
  sim.run();
  CHECK(announcements() == " +a -a");
}

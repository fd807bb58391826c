// SPDX-License-Identifier: Apache-2.0
#include "support/bed.hpp"
#include "support/recorded_log.hpp"

#include <catch2/catch_test_macros.hpp>

#include <stdexcept>

using namespace cosmo;
using namespace cosmo::test;

namespace {

struct synapse_fixture : bed {
  signal plan() {
    return sim.build().make(payload::plan{});
  }

  signal stop() {
    return sim.build().make(payload::stop{});
  }

  /// A handler that writes down under which name it got what.
  synapse::handler note(std::string name) {
    return [this, name = std::move(name)](const signal& sig) {
      seen.push_back(name + ':' + std::string{to_string(sig.type())});
    };
  }

  std::vector<std::string> seen;
};

using texts = std::vector<std::string>;

} // namespace

TEST_CASE_METHOD(synapse_fixture, "each matching subscription gets the Signal",
                 "[actors][synapse]") {
  REQUIRE(bus.subscribe("a.b", note("literal")));
  REQUIRE(bus.subscribe("a.*", note("any")));
  REQUIRE(bus.subscribe("a.>", note("rest")));
  REQUIRE(bus.subscribe("a.b.c", note("longer")));
  CHECK(outcome_of(bus.publish("a.b", plan())) == "ok");
  sim.run();
  CHECK(seen == texts{"literal:PLAN", "any:PLAN", "rest:PLAN"});
}

TEST_CASE_METHOD(synapse_fixture,
                 "one Signal on two subjects is two deliveries",
                 "[actors][synapse]") {
  REQUIRE(bus.subscribe("a.*", note("x")));
  auto sig = plan();
  CHECK_FALSE(bus.publish("a.1", sig));
  CHECK_FALSE(bus.publish("a.2", sig));
  CHECK_FALSE(bus.publish("a.b.c", sig));
  sim.run();
  CHECK(seen == texts{"x:PLAN", "x:PLAN"});
}

TEST_CASE_METHOD(synapse_fixture, "receivers share one immutable Signal",
                 "[actors][synapse]") {
  std::vector<const header*> where;
  auto note_place
    = [&](const signal& sig) { where.push_back(&sig.envelope()); };
  REQUIRE(bus.subscribe("a", note_place));
  REQUIRE(bus.subscribe("a", note_place));
  auto sig = plan();
  CHECK_FALSE(bus.publish("a", sig));
  sim.run();
  CHECK(where == std::vector{&sig.envelope(), &sig.envelope()});
}

TEST_CASE_METHOD(synapse_fixture, "a group shares its Signals in turn",
                 "[actors][synapse]") {
  REQUIRE(bus.subscribe("a", note("one"), "g"));
  REQUIRE(bus.subscribe("a", note("two"), "g"));
  for (int i = 0; i < 3; ++i)
    CHECK_FALSE(bus.publish("a", plan()));
  sim.run();
  CHECK(seen == texts{"one:PLAN", "two:PLAN", "one:PLAN"});
}

TEST_CASE_METHOD(synapse_fixture, "an empty group name means no group",
                 "[actors][synapse]") {
  REQUIRE(bus.subscribe("a", note("one"), ""));
  REQUIRE(bus.subscribe("a", note("two"), ""));
  CHECK_FALSE(bus.publish("a", plan()));
  sim.run();
  CHECK(seen == texts{"one:PLAN", "two:PLAN"});
}

TEST_CASE_METHOD(synapse_fixture, "a Signal nobody wants is lost silently",
                 "[actors][synapse]") {
  CHECK(outcome_of(bus.publish("nobody", plan())) == "ok");
  REQUIRE(bus.subscribe("nobody", note("late")));
  sim.run();
  CHECK(seen.empty());
}

TEST_CASE_METHOD(synapse_fixture, "a receiver sees its publisher's order",
                 "[actors][synapse]") {
  REQUIRE(bus.subscribe("x.*", note("r")));
  CHECK_FALSE(bus.publish("x.1", plan()));
  CHECK_FALSE(bus.publish("x.2", sim.build().make(payload::bid{})));
  CHECK_FALSE(bus.publish("x.1", sim.build().make(payload::final_{})));
  sim.run();
  CHECK(seen == texts{"r:PLAN", "r:BID", "r:FINAL"});
}

TEST_CASE_METHOD(synapse_fixture, "only STOP overtakes", "[actors][synapse]") {
  REQUIRE(bus.subscribe("x", note("r")));
  // All three lie in the bus's mailbox before it runs.
  for (auto& sig : {plan(), plan()})
    caf::anon_send(bus.handle(), caf::publish_atom_v, subject{"x"}, sig);
  auto urgent = stop();
  caf::anon_send<caf::message_priority::high>(bus.handle(), caf::publish_atom_v,
                                              subject{"x"}, urgent);
  sim.run();
  CHECK(seen == texts{"r:STOP", "r:PLAN", "r:PLAN"});
}

TEST_CASE_METHOD(synapse_fixture, "what a handler throws stays with it",
                 "[actors][synapse]") {
  recorded_log log;
  REQUIRE(bus.subscribe(
    "a", [](const signal&) { throw std::runtime_error{"handler's fault"}; }));
  REQUIRE(bus.subscribe("a", [](const signal&) { throw 7; }));
  REQUIRE(bus.subscribe("a", note("next")));
  auto sig = plan();
  CHECK(outcome_of(bus.publish("a", sig)) == "ok");
  CHECK(outcome_of(bus.publish("a", sig)) == "ok");
  sim.run();
  CHECK(seen == texts{"next:PLAN", "next:PLAN"});
  CHECK(log.count("handler's fault") == 2);
  CHECK(log.count("handler-threw: " + sig.id()) == 4);
}

TEST_CASE_METHOD(synapse_fixture, "a handler may publish and wait",
                 "[actors][synapse]") {
  REQUIRE(bus.subscribe("b", note("b")));
  REQUIRE(bus.subscribe("a", [this](const signal& sig) {
    seen.push_back("a:" + outcome_of(bus.publish("b", sig)));
    seen.push_back("a:" + outcome_of(bus.flush()));
  }));
  CHECK_FALSE(bus.publish("a", plan()));
  sim.run();
  CHECK(std::ranges::count(seen, "a:ok") == 2);
  CHECK(std::ranges::count(seen, "b:PLAN") == 1);
}

TEST_CASE_METHOD(synapse_fixture, "flush follows what was accepted before it",
                 "[actors][synapse]") {
  REQUIRE(bus.subscribe("a", note("a")));
  for (int i = 0; i < 5; ++i)
    caf::anon_send(bus.handle(), caf::publish_atom_v, subject{"a"}, plan());
  CHECK(outcome_of(bus.flush()) == "ok");
  sim.run();
  CHECK(seen.size() == 5);
}

TEST_CASE_METHOD(synapse_fixture, "an ended subscription gets nothing more",
                 "[actors][synapse]") {
  auto base = sim.actors_alive();
  auto sub = bus.subscribe("a", note("gone"));
  REQUIRE(sub);
  REQUIRE(bus.subscribe("a", note("stays")));
  sub->unsubscribe();
  sub->unsubscribe();
  sim.run();
  CHECK_FALSE(bus.publish("a", plan()));
  sim.run();
  CHECK(seen == texts{"stays:PLAN"});
  CHECK(sim.actors_alive() == base + 1);
}

TEST_CASE_METHOD(synapse_fixture, "a handler may end its own subscription",
                 "[actors][synapse]") {
  std::optional<subscription_handle> own;
  auto sub = bus.subscribe("a", [&](const signal&) {
    seen.push_back("once");
    own->unsubscribe();
  });
  REQUIRE(sub);
  own = *sub;
  CHECK_FALSE(bus.publish("a", plan()));
  sim.run();
  CHECK_FALSE(bus.publish("a", plan()));
  sim.run();
  CHECK(seen == texts{"once"});
}

TEST_CASE_METHOD(synapse_fixture, "a dead subscriber loses its turn",
                 "[actors][synapse]") {
  auto dying
    = sim.runtime().system().spawn([]() -> subscriber_actor::behavior_type {
        return {[](deliver_atom, uint64_t, const signal&) {}};
      });
  REQUIRE(bus.subscribe("a", note("first"), "g"));
  caf::anon_send(bus.handle(), caf::subscribe_atom_v,
                 subscription{0, subject{"a"}, "g", dying});
  sim.run();
  kill(dying);
  sim.run();
  for (int i = 0; i < 4; ++i)
    CHECK_FALSE(bus.publish("a", plan()));
  sim.run();
  CHECK(seen.size() == 4);
}

TEST_CASE_METHOD(synapse_fixture, "a closed bus ends its handlers",
                 "[actors][synapse]") {
  sim.run();
  auto base = sim.actors_alive();
  auto kept = bus.subscribe("a", note("x"));
  REQUIRE(kept);
  bus.close();
  sim.run();
  // Gone are the bus, its recorder and the handler, whose handle stays.
  CHECK(sim.actors_alive() == base - 2);
  kept->unsubscribe();
}

TEST_CASE_METHOD(synapse_fixture, "a closed bus refuses everything",
                 "[actors][synapse]") {
  REQUIRE(bus.subscribe("a", note("x")));
  bus.close();
  bus.close();
  auto published = bus.publish("a", plan());
  CHECK(outcome_of(published) == "not_connected");
  CHECK(text_of(published).find("not connected") != std::string::npos);
  CHECK(outcome_of(bus.flush()) == "not_connected");
  auto base = sim.actors_alive();
  CHECK(outcome_of(bus.subscribe("a", note("y"))) == "not_connected");
  sim.run();
  // The refused handler does not stay behind.
  CHECK(sim.actors_alive() == base);
  CHECK(seen.empty());
}

TEST_CASE_METHOD(synapse_fixture,
                 "a request is answered on an inbox of its own",
                 "[actors][synapse]") {
  std::string inbox;
  REQUIRE(bus.subscribe("a", [&](const signal& question) {
    inbox = question.meta().at("_reply_to");
    seen.push_back(question.id());
    REQUIRE(!bus.reply_to(question, stop()));
    // What comes later is nobody's.
    REQUIRE(!bus.reply_to(question, plan()));
  }));
  auto question = plan();
  auto reply = bus.request("a", question);
  REQUIRE(reply);
  CHECK(reply->type() == signal_type::STOP);
  CHECK(seen == texts{question.id()});
  CHECK(inbox == "_INBOX." + question.id());
  CHECK(question.meta().empty());
}

TEST_CASE_METHOD(
  synapse_fixture,
  "a request that nobody answers ends by its timeout, and leaves "
  "nothing behind",
  "[actors][synapse]") {
  sim.run();
  auto base = sim.actors_alive();
  auto reply = bus.request("a", plan(), std::chrono::seconds{2});
  CHECK(outcome_of(reply) == "timeout");
  CHECK(text_of(reply.error()).find("2") != std::string::npos);
  CHECK(text_of(reply.error()).find("_INBOX.") != std::string::npos);
  sim.run();
  CHECK(sim.actors_alive() == base);
}

TEST_CASE_METHOD(synapse_fixture, "a request ends with its bus",
                 "[actors][synapse]") {
  REQUIRE(bus.subscribe("a", [&](const signal&) { bus.close(); }));
  CHECK(outcome_of(bus.request("a", plan())) == "not_connected");
  CHECK(outcome_of(bus.request("a", plan())) == "not_connected");
}

TEST_CASE_METHOD(synapse_fixture, "only a request can be answered",
                 "[actors][synapse]") {
  CHECK(outcome_of(bus.reply_to(plan(), stop())) == "bad_argument");
}

// SPDX-License-Identifier: Apache-2.0
#include "supervised_child.hpp"
#include "support/nursery.hpp"

#include <caf/typed_event_based_actor.hpp>
#include <catch2/catch_test_macros.hpp>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

namespace {

using texts = std::vector<std::string>;

/// A tree with a child `a` whose address is lasting, and somebody who asks.
struct stash_fixture : nursery {
  supervisor grow(size_t stash, caf::timespan pause = 1s,
                  supervisor_options options = {}) {
    auto a = child("a");
    a.stash = stash;
    options.intensity = 1'000;
    options.backoff = {.initial = pause, .max = pause, .jitter = 0};
    return start(std::move(options), {a, child("b")});
  }

  /// Asks; where the answer will be.
  std::shared_ptr<std::string> ask(const caf::actor& hdl, std::string text,
                                   caf::timespan patience = caf::infinite) {
    auto answer = std::make_shared<std::string>("nothing yet");
    sim.runtime().system().spawn<caf::hidden>(
      [=](caf::event_based_actor* self) {
        self->request(hdl, patience, text)
          .then([answer](const std::string& x) { *answer = x; },
                [answer](const caf::error& err) { *answer = outcome_of(err); });
      });
    sim.run();
    return answer;
  }

  void send(const caf::actor& hdl, const std::string& text) {
    caf::anon_send(hdl, text);
    sim.run();
  }

  texts handled() {
    return std::exchange(notes->handled, {});
  }
};

} // namespace

// -- the lasting address -----------------------------------------------------------

TEST_CASE_METHOD(stash_fixture, "an address with a stash survives restarts",
                 "[supervisor]") {
  auto tree = grow(10);
  auto a = tree.child("a").value();
  CHECK(*ask(a, "hello") == "hello");
  send(a, "crash");
  sim.advance(1s);
  CHECK(tree.child("a").value() == a);
  CHECK(*ask(a, "again") == "again");
  CHECK(info(tree, "a").restarts == 1);
  // One without ends with the child.
  auto b = tree.child("b").value();
  send(b, "crash");
  sim.advance(1s);
  CHECK(tree.child("b").value() != b);
  CHECK(ask(b, "hello")->find("request_receiver_down") != std::string::npos);
}

TEST_CASE_METHOD(stash_fixture, "messages wait for a restarting child in order",
                 "[supervisor]") {
  auto tree = grow(10);
  auto a = tree.child("a").value();
  send(a, "crash");
  handled();
  send(a, "1");
  auto two = ask(a, "2");
  send(a, "3");
  CHECK(*two == "nothing yet");
  CHECK(info(tree, "a").stashed == 3);
  CHECK(to_string(tree.tree().value()).find(", stashed: 3\n")
        != std::string::npos);
  sim.advance(1s);
  CHECK(handled() == texts{"1", "2", "3"});
  CHECK(*two == "2");
  CHECK(info(tree, "a").stashed == 0);
  CHECK(letters().count() == 0);
}

TEST_CASE_METHOD(stash_fixture, "the child sees who sent and answers directly",
                 "[supervisor]") {
  caf::strong_actor_ptr seen;
  auto curious = [&seen](caf::actor_system& sys) {
    return sys.spawn([&seen](caf::event_based_actor* self) -> caf::behavior {
      return {[&seen, self](int x) {
        seen = self->current_sender();
        return x + 1;
      }};
    });
  };
  auto tree = start({}, {{.id = "a", .start = curious, .stash = 10}});
  auto a = tree.child("a").value();
  int answer = 0;
  auto asker = sim.runtime().system().spawn(
    [&](caf::event_based_actor* self) -> caf::behavior {
      self->request(a, caf::infinite, 41).then([&](int x) { answer = x; });
      return {[](int) {}};
    });
  sim.run();
  CHECK(answer == 42);
  CHECK(seen == caf::actor_cast<caf::strong_actor_ptr>(asker));
  seen = nullptr;
}

TEST_CASE_METHOD(stash_fixture, "a delegated request keeps its way back",
                 "[supervisor]") {
  auto tree = grow(10);
  auto a = tree.child("a").value();
  auto relay = sim.runtime().system().spawn(
    [a](caf::event_based_actor* self) -> caf::behavior {
      return {[=](const std::string& text) { return self->delegate(a, text); }};
    });
  CHECK(*ask(relay, "through") == "through");
  send(a, "crash");
  auto late = ask(relay, "late");
  CHECK(*late == "nothing yet");
  sim.advance(1s);
  CHECK(*late == "late");
}

TEST_CASE_METHOD(stash_fixture, "typed children have typed addresses",
                 "[supervisor]") {
  using adder = caf::typed_actor<caf::result<int>(int, int)>;
  auto make = [](caf::actor_system& sys) {
    return sys.spawn([]() -> adder::behavior_type {
      return {[](int x, int y) { return x + y; }};
    });
  };
  auto tree = start({}, {{.id = "a", .start = make, .stash = 10}});
  auto a = tree.child<adder>("a").value();
  caf::anon_send_exit(a, caf::exit_reason::kill);
  sim.run();
  CHECK(info(tree, "a").restarts == 1);
  int sum = 0;
  sim.runtime().system().spawn<caf::hidden>([&](caf::event_based_actor* self) {
    self->request(a, caf::infinite, 1, 2).then([&](int x) { sum = x; });
  });
  sim.run();
  CHECK(sum == 3);
}

TEST_CASE_METHOD(stash_fixture, "a stashed request can time out",
                 "[supervisor]") {
  auto tree = grow(10, 10s);
  auto a = tree.child("a").value();
  send(a, "crash");
  auto answer = ask(a, "hurry", 1s);
  sim.advance(2s);
  CHECK(answer->find("request_timeout") != std::string::npos);
  // The child still sees it, and its answer finds nobody who waits.
  handled();
  sim.advance(10s);
  CHECK(handled() == texts{"hurry"});
}

TEST_CASE_METHOD(stash_fixture, "urgent messages stay urgent and have room",
                 "[supervisor]") {
  auto tree = grow(1);
  auto a = tree.child("a").value();
  send(a, "crash");
  handled();
  caf::anon_send(a, "1"s);
  caf::anon_send<caf::message_priority::high>(a, "urgent"s);
  sim.advance(1s);
  CHECK(handled() == texts{"urgent", "1"});
  CHECK(letters().count() == 0);
}

// -- what does not get through -----------------------------------------------------

TEST_CASE_METHOD(stash_fixture, "what overflows is a dead letter",
                 "[supervisor]") {
  std::vector<dead_letter> seen;
  letters().observe([&](const dead_letter& x) { seen.push_back(x); });
  auto tree = grow(2);
  auto a = tree.child("a").value();
  send(a, "crash");
  handled();
  send(a, "1");
  send(a, "2");
  send(a, "3");
  CHECK(*ask(a, "4") == "stash_full");
  sim.advance(1s);
  CHECK(handled() == texts{"1", "2"});
  CHECK(letters().count(dead_letter_reason::stash_overflow) == 2);
  CHECK(letters().count() == 2);
  REQUIRE(seen.size() == 2);
  CHECK(seen[0].receiver == "supervisor/a");
  CHECK(seen[0].content.find("string") != std::string::npos);
}

TEST_CASE_METHOD(stash_fixture, "without room an address is still lasting",
                 "[supervisor]") {
  auto tree = grow(0);
  auto a = tree.child("a").value();
  send(a, "crash");
  CHECK(*ask(a, "1") == "stash_full");
  sim.advance(1s);
  CHECK(*ask(a, "2") == "2");
}

TEST_CASE_METHOD(stash_fixture,
                 "a terminated child's messages are dead letters",
                 "[supervisor]") {
  auto tree = grow(10);
  auto a = tree.child("a").value();
  send(a, "crash");
  send(a, "1");
  auto two = ask(a, "2");
  CHECK_FALSE(tree.terminate_child("a"));
  sim.run();
  CHECK(two->find("request_receiver_down") != std::string::npos);
  send(a, "3");
  CHECK(ask(a, "4")->find("request_receiver_down") != std::string::npos);
  CHECK(letters().count(dead_letter_reason::no_receiver) == 4);
  // It is the same address when the child returns.
  CHECK(tree.restart_child("a").value() == a);
  CHECK(*ask(a, "5") == "5");
}

TEST_CASE_METHOD(stash_fixture, "a lasting address ends with its supervisor",
                 "[supervisor]") {
  auto tree = grow(10);
  auto a = tree.child("a").value();
  auto end = end_of(a);
  send(a, "crash");
  sim.advance(1s);
  CHECK_FALSE(end->has_value());
  CHECK_FALSE(tree.stop());
  sim.run();
  CHECK(end->has_value());
  CHECK(ask(a, "1")->find("request_receiver_down") != std::string::npos);
  CHECK(letters().count(dead_letter_reason::no_receiver) == 1);
  CHECK(actors() == 0);
}

TEST_CASE_METHOD(stash_fixture, "a deleted child's address ends",
                 "[supervisor]") {
  auto tree = grow(10);
  auto end = end_of(tree.child("a").value());
  CHECK_FALSE(tree.terminate_child("a"));
  CHECK_FALSE(end->has_value());
  CHECK_FALSE(tree.delete_child("a"));
  CHECK(end->has_value());
}

TEST_CASE_METHOD(stash_fixture, "to end a lasting address is to end the child",
                 "[supervisor]") {
  auto tree = grow(10);
  auto a = tree.child("a").value();
  caf::anon_send_exit(a, caf::exit_reason::kill);
  sim.run();
  CHECK(states(tree) == "a:restarting b:running");
  // Nobody is there to be ended now.
  caf::anon_send_exit(a, caf::exit_reason::kill);
  sim.advance(1s);
  CHECK(states(tree) == "a:running b:running");
  CHECK(*ask(a, "1") == "1");
  CHECK(letters().count() == 0);
}

TEST_CASE_METHOD(stash_fixture, "a sibling's failure loses no later message",
                 "[supervisor]") {
  auto tree = grow(10, 1s, {.strategy = restart_strategy::one_for_all});
  auto a = tree.child("a").value();
  tell(tree, "b", "crash");
  handled();
  send(a, "1");
  CHECK(states(tree) == "a:restarting b:restarting");
  sim.advance(1s);
  CHECK(handled() == texts{"1"});
}

TEST_CASE_METHOD(stash_fixture, "messages between death and news of it wait",
                 "[supervisor]") {
  auto tree = grow(10, 0s);
  auto a = tree.child("a").value();
  // The child dies in the first delivery, its supervisor hears in the second.
  caf::anon_send(a, "crash"s);
  REQUIRE(sim.deliver_one());
  caf::anon_send(a, "1"s);
  sim.run();
  CHECK(handled() == texts{"crash", "1"});
  CHECK(letters().count() == 0);
}

TEST_CASE_METHOD(stash_fixture, "messages for a child that is born dead wait",
                 "[supervisor]") {
  auto lives = std::make_shared<int>(0);
  auto sickly = [lives, notes = notes](caf::actor_system& sys) {
    auto hdl = sys.spawn(obedient, notes);
    if (++*lives == 2)
      caf::anon_send_exit(hdl, caf::exit_reason::kill);
    return hdl;
  };
  auto tree = start({.intensity = 10, .backoff = {.initial = 1s, .jitter = 0}},
                    {{.id = "a", .start = sickly, .stash = 10}});
  auto a = tree.child("a").value();
  send(a, "crash");
  sim.advance(1s);
  CHECK(*lives == 2);
  auto answer = ask(a, "1");
  sim.advance(2s);
  CHECK(*lives == 3);
  CHECK(*answer == "1");
}

// -- the stand-in itself -------------------------------------------------------------

TEST_CASE_METHOD(stash_fixture, "a mailbox that closes first costs no message",
                 "[supervisor]") {
  // What can happen between two threads, step by step: the child has ended and
  // its stand-in has not been told.
  auto& sys = sim.runtime().system();
  auto book = std::make_shared<dead_letters>();
  actors::supervised_child c{
    {.id = "a", .start = [] { return caf::actor{}; }, .stash = 1},
    {sys, "a", nullptr, book}};
  auto* door = static_cast<actors::stand_in*>(
    caf::actor_cast<caf::abstract_actor*>(c.address()));
  auto dead = sys.spawn(obedient, notes);
  caf::anon_send_exit(dead, caf::exit_reason::kill);
  sim.run();
  door->open(dead);
  send(c.address(), "1");
  CHECK(door->stashed() == 1);
  send(c.address(), "2");
  CHECK(book->count(dead_letter_reason::stash_overflow) == 1);
  door->open(dead);
  CHECK(door->stashed() == 1);
  door->open(sys.spawn(obedient, notes));
  sim.run();
  CHECK(handled() == texts{"1"});
  door->open(dead);
  auto answer = ask(c.address(), "3");
  CHECK(*answer == "nothing yet");
  door->open(sys.spawn(obedient, notes));
  sim.run();
  CHECK(*answer == "3");
  CHECK(book->count() == 1);
}

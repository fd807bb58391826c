// SPDX-License-Identifier: Apache-2.0
#include "support/nursery.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

// -- starting --------------------------------------------------------------------

TEST_CASE_METHOD(nursery, "children start in order and stop in reverse",
                 "[supervisor]") {
  auto tree = start({}, children("abc"));
  CHECK(story() == "+a +b +c");
  CHECK(states(tree) == "a:running b:running c:running");
  CHECK(actors() == 4);
  CHECK_FALSE(tree.stop());
  CHECK(story() == "-c -b -a");
  CHECK(actors() == 0);
}

TEST_CASE_METHOD(nursery, "a supervisor without children runs",
                 "[supervisor]") {
  auto tree = start({}, {});
  CHECK(states(tree) == "");
  CHECK(actors() == 1);
  CHECK_FALSE(tree.stop());
  CHECK(actors() == 0);
}

TEST_CASE_METHOD(nursery, "a start that fails undoes those before it",
                 "[supervisor]") {
  notes->failing_starts["c"] = 1;
  auto tree = supervisor::start(sim.runtime(), {}, children("abcd"));
  CHECK(outcome_of(tree) == "child_start_failed");
  CHECK(text_of(tree) == "supervisor/c: no c today");
  CHECK(story() == "+a +b !c -b -a");
  CHECK(actors() == 0);
}

TEST_CASE_METHOD(nursery, "a factory may say why it has no child",
                 "[supervisor]") {
  auto no_child = [](caf::actor_system&) -> caf::expected<caf::actor> {
    return make_error(ec::not_connected, "no bus");
  };
  auto nobody = [] { return caf::actor{}; };
  auto odd = [](caf::actor_system&) -> caf::actor { throw 1; };
  CHECK(outcome_of(supervisor::start(sim.runtime(), {},
                                     {{.id = "a", .start = no_child}}))
        == "not_connected");
  CHECK(outcome_of(
          supervisor::start(sim.runtime(), {}, {{.id = "a", .start = nobody}}))
        == "child_start_failed");
  CHECK(outcome_of(
          supervisor::start(sim.runtime(), {}, {{.id = "a", .start = odd}}))
        == "child_start_failed");
  CHECK(actors() == 0);
}

TEST_CASE_METHOD(nursery, "a nested start that fails undoes the whole tree",
                 "[supervisor]") {
  notes->failing_starts["y"] = 1;
  auto tree
    = supervisor::start(sim.runtime(), {},
                        {child("a"),
                         {.id = "inner", .start = nested({}, children("xyz"))},
                         child("b")});
  CHECK(outcome_of(tree) == "child_start_failed");
  CHECK(text_of(tree) == "supervisor/inner/y: no y today");
  CHECK(story() == "+a +x !y -x -a");
  CHECK(actors() == 0);
}

TEST_CASE_METHOD(nursery, "a nested tree is up before the next child starts",
                 "[supervisor]") {
  auto tree = start(
    {}, {{.id = "inner", .start = nested({}, children("xy"))}, child("b")});
  CHECK(story() == "+x +y +b");
  CHECK(states(tree) == "inner:running b:running");
  CHECK_FALSE(tree.stop());
  CHECK(story() == "-b -y -x");
  CHECK(actors() == 0);
}

TEST_CASE_METHOD(nursery, "one actor cannot be two children", "[supervisor]") {
  auto shared = sim.runtime().system().spawn(obedient, notes);
  auto same = [shared] { return shared; };
  auto tree = supervisor::start(
    sim.runtime(), {},
    {{.id = "a", .start = same}, {.id = "b", .start = same}});
  CHECK(outcome_of(tree) == "child_start_failed");
  CHECK(actors() == 0);
}

TEST_CASE_METHOD(nursery, "a child that is born dead is started again",
                 "[supervisor]") {
  auto lives = std::make_shared<int>(0);
  auto sickly = [lives, notes = notes](caf::actor_system& sys) {
    auto hdl = sys.spawn(obedient, notes);
    if (++*lives == 1)
      caf::anon_send_exit(hdl, caf::exit_reason::kill);
    return hdl;
  };
  auto tree = start({}, {{.id = "a", .start = sickly}});
  CHECK(*lives == 2);
  CHECK(states(tree) == "a:running");
}

// -- options ---------------------------------------------------------------------

TEST_CASE_METHOD(nursery, "what makes no sense is refused by name",
                 "[supervisor]") {
  auto refusal
    = [this](supervisor_options options, std::vector<child_spec> specs) {
        auto tree = supervisor::start(sim.runtime(), std::move(options),
                                      std::move(specs));
        CHECK(outcome_of(tree) == "bad_argument");
        return text_of(tree);
      };
  CHECK(refusal({.name = ""}, {}).starts_with("name:"));
  CHECK(refusal({.period = 0s}, {}).starts_with("period:"));
  CHECK(refusal({.backoff = {.initial = -1s}}, {}).starts_with("backoff:"));
  CHECK(refusal({.backoff = {.initial = 2s, .max = 1s}}, {})
          .starts_with("backoff:"));
  CHECK(
    refusal({.backoff = {.factor = 0.5}}, {}).starts_with("backoff.factor:"));
  CHECK(refusal({.backoff = {.jitter = 2}}, {}).starts_with("backoff.jitter:"));
  CHECK(refusal({}, {child("")}) == "child '': id: must not be empty");
  CHECK(refusal({}, {{.id = "a"}}) == "child 'a': start: is missing");
  CHECK(refusal({}, {child("a"), child("a")})
        == "child 'a': more than one has this id");
  auto late = child("a");
  late.shutdown = -1s;
  CHECK(refusal({}, {late}).starts_with("child 'a': shutdown:"));
  auto vital = child("a");
  vital.significant = true;
  CHECK(refusal({.auto_shutdown = auto_shutdown::any_significant}, {vital})
        == "child 'a': significant: a permanent child never ends");
  vital.restart = restart_type::transient;
  CHECK(refusal({}, {vital})
        == "child 'a': significant: its supervisor never ends by itself");
  CHECK(actors() == 0);
}

// -- stopping --------------------------------------------------------------------

TEST_CASE_METHOD(nursery, "a child that does not stop in time is killed",
                 "[supervisor]") {
  auto tree = start({}, {child("a"),
                         {.id = "b", .start = stubborn("b"), .shutdown = 2s},
                         child("c")});
  story();
  caf::anon_send_exit(tree.handle(), caf::exit_reason::user_shutdown);
  sim.run();
  CHECK(story() == "-c");
  sim.advance(1999ms);
  CHECK(story() == "");
  sim.advance(1ms);
  CHECK(story() == "-b -a");
  CHECK(actors() == 0);
}

TEST_CASE_METHOD(nursery, "a child has five seconds unless told otherwise",
                 "[supervisor]") {
  auto tree = start({}, {{.id = "a", .start = stubborn("a")}});
  story();
  caf::anon_send_exit(tree.handle(), caf::exit_reason::user_shutdown);
  sim.advance(4999ms);
  CHECK(story() == "");
  sim.advance(1ms);
  CHECK(story() == "-a");
}

TEST_CASE_METHOD(nursery, "brutal_kill does not ask", "[supervisor]") {
  auto tree
    = start({}, {{.id = "a", .start = stubborn("a"), .shutdown = brutal_kill}});
  story();
  caf::anon_send_exit(tree.handle(), caf::exit_reason::user_shutdown);
  sim.run();
  CHECK(story() == "-a");
  CHECK(actors() == 0);
}

TEST_CASE_METHOD(nursery, "a nested tree has all the time it needs",
                 "[supervisor]") {
  auto tree = start(
    {}, {{.id = "inner",
          .start = nested(
            {}, {{.id = "x", .start = stubborn("x"), .shutdown = 1h},
                 {.id = "y", .start = stubborn("y"), .shutdown = 1h}})}});
  story();
  caf::anon_send_exit(tree.handle(), caf::exit_reason::user_shutdown);
  sim.advance(1h);
  CHECK(story() == "-y");
  sim.advance(1h);
  CHECK(story() == "-x");
  CHECK(actors() == 0);
}

TEST_CASE_METHOD(nursery, "stopping waits, and twice is fine", "[supervisor]") {
  auto tree = start({}, {{.id = "a", .start = stubborn("a"), .shutdown = 1s}});
  story();
  CHECK_FALSE(tree.stop());
  CHECK(story() == "-a");
  CHECK_FALSE(tree.stop());
  CHECK(outcome_of(tree.tree()) == "not_connected");
  CHECK(outcome_of(tree.start_child(child("b"))) == "not_connected");
  CHECK(outcome_of(tree.child("a")) == "not_connected");
}

TEST_CASE_METHOD(nursery, "an exit with a reason stops everything first",
                 "[supervisor]") {
  auto tree = start({}, children("ab"));
  story();
  auto end = end_of(tree.handle());
  auto hdl = caf::actor_cast<caf::actor>(tree.handle());
  caf::anon_send(hdl, caf::exit_msg{hdl.address(),
                                    make_error(ec::connection_lost, "cable")});
  sim.run();
  CHECK(story() == "-b -a");
  REQUIRE(end->has_value());
  CHECK(outcome_of(**end) == "connection_lost");
  CHECK(actors() == 0);
}

TEST_CASE_METHOD(nursery, "a killed supervisor takes its tree along",
                 "[supervisor]") {
  auto tree
    = start({}, {child("a"),
                 {.id = "inner",
                  .start = nested({}, {{.id = "x", .start = stubborn("x")}}),
                  .stash = 1}});
  caf::anon_send_exit(tree.handle(), caf::exit_reason::kill);
  CHECK(actors() == 0);
}

TEST_CASE("a tree ends with its runtime", "[supervisor]") {
  std::optional<supervisor> tree;
  diary_ptr notes;
  {
    nursery n;
    notes = n.notes;
    tree = n.start({}, n.children("abc"));
  }
  CHECK(notes->story() == "+a +b +c -c -b -a");
  CHECK(outcome_of(tree->tree()) == "not_connected");
  CHECK_FALSE(tree->stop());
}

TEST_CASE("a simulation ends even if a child never does", "[supervisor]") {
  diary_ptr notes;
  {
    nursery n;
    notes = n.notes;
    auto tree = n.start(
      {}, {{.id = "a", .start = n.stubborn("a"), .shutdown = infinity}});
  }
  CHECK(notes->story() == "+a -a");
}

TEST_CASE("trees of a runtime end in reverse order", "[supervisor]") {
  diary_ptr notes;
  {
    nursery n;
    notes = n.notes;
    auto first = n.start({}, n.children("a"));
    auto second = n.start({}, n.children("b"));
  }
  CHECK(notes->story() == "+a +b -b -a");
}

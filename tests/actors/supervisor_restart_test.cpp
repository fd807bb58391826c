// SPDX-License-Identifier: Apache-2.0
#include "restart_delay.hpp"
#include "restart_window.hpp"
#include "support/nursery.hpp"
#include "support/recorded_log.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

namespace {

constexpr size_t plenty = 1'000;

} // namespace

// -- strategies ------------------------------------------------------------------

TEST_CASE_METHOD(nursery, "one_for_one restarts the failed child alone",
                 "[supervisor]") {
  auto tree = start({}, children("abc"));
  story();
  tell(tree, "b", "crash");
  CHECK(story() == "-b +b");
  CHECK(states(tree) == "a:running b:running c:running");
  auto b = info(tree, "b");
  CHECK(b.restarts == 1);
  CHECK(b.last_reason == caf::sec::runtime_error);
  CHECK(info(tree, "a").restarts == 0);
}

TEST_CASE_METHOD(nursery, "one_for_all restarts all children in order",
                 "[supervisor]") {
  auto tree
    = start({.strategy = restart_strategy::one_for_all}, children("abc"));
  story();
  tell(tree, "b", "crash");
  CHECK(story() == "-b -c -a +a +b +c");
  CHECK(info(tree, "a").restarts == 1);
}

TEST_CASE_METHOD(nursery,
                 "rest_for_one restarts the failed child and those after it",
                 "[supervisor]") {
  auto tree
    = start({.strategy = restart_strategy::rest_for_one}, children("abcd"));
  story();
  tell(tree, "b", "crash");
  CHECK(story() == "-b -d -c +b +c +d");
  CHECK(info(tree, "a").restarts == 0);
}

TEST_CASE_METHOD(nursery, "siblings that died together are restarted once",
                 "[supervisor]") {
  auto tree = start({.strategy = restart_strategy::one_for_all, .intensity = 1},
                    children("abc"));
  story();
  for (auto& c : all(tree))
    caf::anon_send(c.handle, "crash"s);
  sim.run();
  CHECK(states(tree) == "a:running b:running c:running");
  CHECK(info(tree, "a").restarts == 1);
  CHECK_FALSE(notes->twice_alive);
}

TEST_CASE_METHOD(nursery, "a sibling that does not stop holds up the restart",
                 "[supervisor]") {
  auto tree
    = start({.strategy = restart_strategy::one_for_all},
            {child("a"), {.id = "b", .start = stubborn("b"), .shutdown = 2s}});
  story();
  tell(tree, "a", "crash");
  CHECK(story() == "-a");
  CHECK(states(tree) == "a:restarting b:stopping");
  sim.advance(2s);
  CHECK(story() == "-b +a +b");
}

// -- restart types -----------------------------------------------------------------

TEST_CASE_METHOD(nursery, "the restart type and the reason decide",
                 "[supervisor]") {
  struct rule {
    restart_type type;
    std::string end;
    std::string states;
  };
  auto [type, end, expected]
    = GENERATE(rule{restart_type::permanent, "crash", "a:running"},
               rule{restart_type::permanent, "throw", "a:running"},
               rule{restart_type::permanent, "end", "a:running"},
               rule{restart_type::permanent, "leave", "a:running"},
               rule{restart_type::transient, "crash", "a:running"},
               rule{restart_type::transient, "throw", "a:running"},
               rule{restart_type::transient, "end", "a:terminated"},
               rule{restart_type::transient, "leave", "a:terminated"},
               rule{restart_type::temporary, "crash", ""},
               rule{restart_type::temporary, "throw", ""},
               rule{restart_type::temporary, "end", ""},
               rule{restart_type::temporary, "leave", ""});
  CAPTURE(static_cast<int>(type), end);
  auto tree = start({}, {child("a", type)});
  tell(tree, "a", end);
  CHECK(states(tree) == expected);
}

TEST_CASE_METHOD(nursery, "a killed transient child is restarted",
                 "[supervisor]") {
  auto tree = start({}, {child("a", restart_type::transient)});
  caf::anon_send_exit(tree.child("a").value(), caf::exit_reason::kill);
  sim.run();
  CHECK(states(tree) == "a:running");
  CHECK(info(tree, "a").last_reason == caf::exit_reason::kill);
}

TEST_CASE_METHOD(nursery, "a temporary child goes when its siblings restart",
                 "[supervisor]") {
  auto tree = start({.strategy = restart_strategy::one_for_all},
                    {child("a"), child("b", restart_type::temporary),
                     child("c", restart_type::transient)});
  story();
  tell(tree, "a", "crash");
  CHECK(story() == "-a -c -b +a +c");
  CHECK(states(tree) == "a:running c:running");
}

TEST_CASE_METHOD(nursery, "a child that had ended returns with its siblings",
                 "[supervisor]") {
  auto tree = start({.strategy = restart_strategy::one_for_all},
                    {child("a"), child("b", restart_type::transient)});
  tell(tree, "b", "end");
  CHECK(states(tree) == "a:running b:terminated");
  story();
  tell(tree, "a", "crash");
  CHECK(story() == "-a +a +b");
}

// -- intensity -------------------------------------------------------------------

TEST_CASE_METHOD(nursery, "too many restarts in the period end the supervisor",
                 "[supervisor]") {
  recorded_log log;
  auto tree = start({.intensity = 2, .period = 5s}, children("abc"));
  auto end = end_of(tree.handle());
  tell(tree, "b", "crash");
  tell(tree, "b", "crash");
  story();
  tell(tree, "b", "crash");
  CHECK(story() == "-b -c -a");
  REQUIRE(end->has_value());
  CHECK(outcome_of(**end) == "restart_intensity");
  CHECK(text_of(**end) == "supervisor: more than 2 restarts, the last of b");
  CHECK(actors() == 0);
  CHECK(log.count("giving-up") == 1);
  CHECK(log.count("child-down: supervisor/b") == 3);
}

TEST_CASE_METHOD(nursery, "restarts beyond the period are forgotten",
                 "[supervisor]") {
  auto tree = start({.intensity = 2, .period = 5s}, children("ab"));
  for (auto i = 0; i < 20; ++i) {
    tell(tree, i % 2 == 0 ? "a" : "b", "crash");
    sim.advance(2501ms);
  }
  CHECK(states(tree) == "a:running b:running");
  CHECK(info(tree, "a").restarts == 10);
}

TEST_CASE_METHOD(nursery, "intensity zero allows no restart", "[supervisor]") {
  auto tree = start({.intensity = 0}, children("ab"));
  story();
  tell(tree, "a", "crash");
  CHECK(story() == "-a -b");
  CHECK(actors() == 0);
}

TEST_CASE("a window admits its intensity per period", "[supervisor]") {
  using actors::restart_window;
  restart_window window{2, 5s};
  auto at = [](auto span) { return restart_window::time_point{span}; };
  CHECK(window.admit(at(0s)));
  CHECK(window.admit(at(3s)));
  CHECK_FALSE(window.admit(at(5s)));
  CHECK_FALSE(window.admit(at(6s)));
  CHECK(window.admit(at(30s)));
  CHECK_FALSE(restart_window(0, 5s).admit(at(0s)));
}

// -- factories that fail -----------------------------------------------------------

TEST_CASE_METHOD(nursery, "a start that fails is another failure",
                 "[supervisor]") {
  const auto strategy
    = GENERATE(restart_strategy::one_for_one, restart_strategy::one_for_all,
               restart_strategy::rest_for_one);
  auto tree = start({.strategy = strategy, .intensity = 3}, children("abc"));
  story();
  notes->failing_starts["b"] = 2;
  tell(tree, "b", "crash");
  CHECK(states(tree) == "a:running b:running c:running");
  CHECK(info(tree, "b").restarts == 3);
  switch (strategy) {
    case restart_strategy::one_for_one:
      CHECK(story() == "-b !b !b +b");
      break;
    case restart_strategy::one_for_all:
      CHECK(story() == "-b -c -a +a !b -a +a !b -a +a +b +c");
      break;
    case restart_strategy::rest_for_one:
      CHECK(story() == "-b -c !b !b +b +c");
      break;
  }
}

TEST_CASE_METHOD(nursery, "starts that keep failing end the supervisor",
                 "[supervisor]") {
  const auto strategy
    = GENERATE(restart_strategy::one_for_one, restart_strategy::one_for_all,
               restart_strategy::rest_for_one);
  auto tree = start({.strategy = strategy, .intensity = 3}, children("abc"));
  auto end = end_of(tree.handle());
  notes->failing_starts["b"] = 4;
  tell(tree, "b", "crash");
  REQUIRE(end->has_value());
  CHECK(outcome_of(**end) == "restart_intensity");
  CHECK(notes->failing_starts["b"] == 1);
  CHECK(actors() == 0);
}

// -- backoff ---------------------------------------------------------------------

TEST_CASE("a delay grows to its cap, and jitter takes off a share",
          "[supervisor]") {
  using actors::restart_delay;
  restart_backoff rule{.initial = 100ms, .max = 1s, .factor = 2, .jitter = 0.5};
  CHECK(restart_delay(rule, 1, 0) == 100ms);
  CHECK(restart_delay(rule, 2, 0) == 200ms);
  CHECK(restart_delay(rule, 4, 0) == 800ms);
  CHECK(restart_delay(rule, 5, 0) == 1s);
  CHECK(restart_delay(rule, plenty * plenty, 0) == 1s);
  CHECK(restart_delay(rule, 1, 1) == 50ms);
  CHECK(restart_delay(rule, 5, 0.5) == 750ms);
  CHECK(restart_delay({}, 1, 0) == 0s);
  CHECK(restart_delay({}, plenty * plenty, 1) == 0s);
  CHECK(restart_delay({.initial = 1s, .max = caf::timespan::max()}, 100'000, 0)
        > 24h);
}

TEST_CASE("chance lies from 0 to 1", "[supervisor]") {
  CHECK(unit_interval(0) == 0);
  CHECK(unit_interval(~uint64_t{0}) < 1);
  CHECK(unit_interval(~uint64_t{0}) > 0.999);
}

TEST_CASE_METHOD(nursery, "restarts in a row wait longer and longer",
                 "[supervisor]") {
  auto tree = start({.intensity = plenty,
                     .backoff = {.initial = 100ms, .max = 300ms, .jitter = 0}},
                    children("ab"));
  story();
  for (auto pause : {100ms, 200ms, 300ms, 300ms}) {
    tell(tree, "a", "crash");
    CHECK(story() == "-a");
    CHECK(states(tree) == "a:restarting b:running");
    sim.advance(pause - 1ms);
    CHECK(story() == "");
    sim.advance(1ms);
    CHECK(story() == "+a");
  }
  // Each child counts for itself.
  tell(tree, "b", "crash");
  sim.advance(100ms);
  CHECK(story() == "-b +b");
}

TEST_CASE_METHOD(nursery, "a long life makes a child's next restart quick",
                 "[supervisor]") {
  auto tree = start(
    {.intensity = plenty,
     .backoff
     = {.initial = 100ms, .max = 10s, .jitter = 0, .reset_after = 1min}},
    children("a"));
  for (auto i = 0; i < 5; ++i) {
    tell(tree, "a", "crash");
    sim.advance(10s);
  }
  sim.advance(1min);
  story();
  tell(tree, "a", "crash");
  sim.advance(100ms);
  CHECK(story() == "-a +a");
}

TEST_CASE_METHOD(nursery, "failed starts wait longer and longer, too",
                 "[supervisor]") {
  auto tree
    = start({.intensity = plenty, .backoff = {.initial = 1s, .jitter = 0}},
            children("a"));
  story();
  notes->failing_starts["a"] = 2;
  tell(tree, "a", "crash");
  sim.advance(1s);
  CHECK(story() == "-a !a");
  sim.advance(2s);
  CHECK(story() == "!a");
  CHECK(states(tree) == "a:restarting");
  sim.advance(4s);
  CHECK(story() == "+a");
}

TEST_CASE("chance spreads the restarts of many children", "[supervisor]") {
  nursery n;
  auto tree
    = n.start({.intensity = plenty, .backoff = {.initial = 1s, .jitter = 0.5}},
              n.children("abcdefghij"));
  for (auto& c : n.all(tree))
    caf::anon_send(c.handle, "crash"s);
  n.sim.run();
  n.sim.advance(499ms);
  CHECK(n.story().find("+a +b +c +d +e +f +g +h +i +j -") == 0);
  n.sim.advance(251ms);
  auto half = n.story().size();
  CHECK(half > 0);
  n.sim.advance(250ms);
  CHECK(n.story().size() > 0);
  CHECK(n.states(tree).find("restarting") == std::string::npos);
}

TEST_CASE_METHOD(nursery, "siblings wait together for their restart",
                 "[supervisor]") {
  auto tree = start({.strategy = restart_strategy::rest_for_one,
                     .intensity = plenty,
                     .backoff = {.initial = 1s, .jitter = 0}},
                    children("abc"));
  story();
  tell(tree, "b", "crash");
  CHECK(story() == "-b -c");
  CHECK(states(tree) == "a:running b:restarting c:restarting");
  sim.advance(500ms);
  // A failure further up makes them wait with it.
  tell(tree, "a", "crash");
  CHECK(story() == "-a");
  sim.advance(500ms);
  CHECK(story() == "");
  sim.advance(500ms);
  CHECK(story() == "+a +b +c");
}

TEST_CASE_METHOD(nursery, "a supervisor stops while children wait",
                 "[supervisor]") {
  auto tree = start({.backoff = {.initial = 1h, .max = 1h, .jitter = 0}},
                    children("abc"));
  tell(tree, "b", "crash");
  story();
  CHECK_FALSE(tree.stop());
  CHECK(story() == "-c -a");
  sim.advance(2h);
  CHECK(story() == "");
  CHECK(actors() == 0);
}

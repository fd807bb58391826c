// SPDX-License-Identifier: Apache-2.0
#include "support/nursery.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

namespace {

/// root { top, outer { mid, inner { a, b } } }
struct three_levels : nursery {
  supervisor grow(supervisor_options root = {}, supervisor_options outer = {},
                  supervisor_options inner = {}) {
    auto b = child("b");
    b.stash = 8;
    return start(
      std::move(root),
      {child("top"),
       {.id = "outer",
        .start = nested(
          std::move(outer),
          {child("mid"),
           {.id = "inner",
            .start = nested(std::move(inner), {child("a"), std::move(b)})}})}});
  }

  /// Makes `a`, at the bottom, fail.
  void crash_a(const supervisor& tree) {
    auto root = tree.tree().value();
    auto& inner = root.children.at(1).children.at(1);
    caf::anon_send(inner.children.at(0).handle, "crash"s);
    sim.run();
  }
};

} // namespace

TEST_CASE_METHOD(three_levels, "a failure is mended where it happened",
                 "[supervisor]") {
  auto tree = grow();
  CHECK(story() == "+top +mid +a +b");
  crash_a(tree);
  CHECK(story() == "-a +a");
  CHECK(to_string(tree.tree().value())
        == "supervisor: supervisor, running\n"
           "  top: worker, running\n"
           "  outer: supervisor, running\n"
           "    mid: worker, running\n"
           "    inner: supervisor, running\n"
           "      a: worker, running, restarts: 1, last: "
           "caf::sec::runtime_error(\"crash\")\n"
           "      b: worker, running\n");
}

TEST_CASE_METHOD(three_levels,
                 "a supervisor that gives up is restarted with its tree",
                 "[supervisor]") {
  auto tree = grow({}, {}, {.intensity = 1});
  crash_a(tree);
  story();
  crash_a(tree);
  CHECK(story() == "-a -b +a +b");
  auto root = tree.tree().value();
  auto& inner = root.children.at(1).children.at(1);
  CHECK(inner.restarts == 1);
  CHECK(inner.last_reason == ec::restart_intensity);
  CHECK(inner.children.at(0).restarts == 0);
}

TEST_CASE_METHOD(three_levels, "escalation climbs as far as it must",
                 "[supervisor]") {
  // Each level forgives one failure of the one below.
  auto tree = grow({.intensity = 1}, {.intensity = 1}, {.intensity = 1});
  auto end = end_of(tree.handle());
  std::vector<std::string> stories;
  for (auto i = 0; i < 8; ++i) {
    story();
    crash_a(tree);
    stories.push_back(story());
  }
  CHECK(stories
        == std::vector<std::string>{
          "-a +a",                 // inner
          "-a -b +a +b",           // inner gives up, outer mends
          "-a +a",                 //
          "-a -b -mid +mid +a +b", // outer gives up, too, root mends
          "-a +a",                 //
          "-a -b +a +b",           //
          "-a +a",                 //
          "-a -b -mid -top"});     // root has no more patience
  REQUIRE(end->has_value());
  CHECK(**end == ec::restart_intensity);
  CHECK(text_of(**end)
        == "supervisor: more than 1 restarts, the last of outer");
  CHECK(actors() == 0);
}

TEST_CASE_METHOD(three_levels, "a strategy applies to subtrees",
                 "[supervisor]") {
  auto tree
    = grow({}, {.strategy = restart_strategy::one_for_all}, {.intensity = 0});
  story();
  crash_a(tree);
  CHECK(story() == "-a -b -mid +mid +a +b");
}

TEST_CASE_METHOD(nursery, "a nested auto_shutdown is a normal end",
                 "[supervisor]") {
  auto job = child("job", restart_type::transient);
  job.significant = true;
  auto tree = start(
    {}, {{.id = "once",
          .start = nested({.auto_shutdown = auto_shutdown::all_significant},
                          {child("helper"), job}),
          .restart = restart_type::transient},
         child("b")});
  story();
  caf::anon_send(tree.tree().value().children.at(0).children.at(1).handle,
                 "end"s);
  sim.run();
  CHECK(story() == "-job -helper");
  CHECK(states(tree) == "once:terminated b:running");
  CHECK(outcome_of(tree.restart_child("once")) == "ok");
  CHECK(story() == "+helper +job");
}

TEST_CASE_METHOD(three_levels, "a killed subtree is replaced", "[supervisor]") {
  auto tree = grow();
  story();
  auto outer = tree.child("outer").value();
  caf::anon_send_exit(outer, caf::exit_reason::kill);
  sim.run();
  CHECK(states(tree) == "top:running outer:running");
  CHECK(info(tree, "outer").last_reason == caf::exit_reason::kill);
  CHECK_FALSE(tree.stop());
  CHECK(actors() == 0);
}

TEST_CASE_METHOD(nursery,
                 "a nested start that fails in a restart is tried again",
                 "[supervisor]") {
  auto tree = start({.intensity = 5},
                    {{.id = "inner", .start = nested({}, children("xy"))}});
  story();
  notes->failing_starts["y"] = 2;
  caf::anon_send_exit(tree.child("inner").value(),
                      caf::exit_reason::user_shutdown);
  sim.run();
  CHECK(story() == "-y -x +x !y -x +x !y -x +x +y");
  CHECK(info(tree, "inner").restarts == 3);
  CHECK_FALSE(notes->twice_alive);
}

TEST_CASE_METHOD(nursery, "a supervisor can be a child at run time",
                 "[supervisor]") {
  auto tree = start({}, {});
  auto inner
    = tree.start_child({.id = "inner", .start = nested({}, children("xy"))});
  REQUIRE(inner);
  CHECK(story() == "+x +y");
  // Its own children are managed by messages.
  caf::anon_send(caf::actor_cast<supervisor_actor>(*inner), start_atom_v,
                 child("z"));
  sim.run();
  CHECK(story() == "+z");
  CHECK_FALSE(tree.terminate_child("inner"));
  CHECK(story() == "-z -y -x");
  CHECK_FALSE(tree.delete_child("inner"));
  CHECK(actors() == 1);
}

TEST_CASE_METHOD(nursery, "a tree can be grown without a runtime's facade",
                 "[supervisor]") {
  auto letters = std::make_shared<dead_letters>();
  CHECK(outcome_of(spawn_supervisor(
          {sim.runtime().system(), "raw", nullptr, letters}, {}, {}))
        == "bad_argument");
  auto hdl = spawn_supervisor({.system = sim.runtime().system(),
                               .path = "raw",
                               .random = sim.outside().random,
                               .letters = letters},
                              {}, children("ab"));
  REQUIRE(hdl);
  CHECK(story() == "");
  caf::anon_send(*hdl, start_atom_v);
  caf::anon_send(*hdl, start_atom_v);
  sim.run();
  CHECK(story() == "+a +b");
  caf::anon_send_exit(*hdl, caf::exit_reason::user_shutdown);
  sim.run();
  CHECK(story() == "-b -a");
}

TEST_CASE("whenever a supervisor is asked to end, all its children do",
          "[supervisor]") {
  for (size_t steps = 0; steps < 60; ++steps) {
    CAPTURE(steps);
    three_levels n;
    auto hdl = spawn_supervisor(
      {.system = n.sim.runtime().system(),
       .path = "root",
       .random = n.sim.outside().random,
       .letters = std::make_shared<dead_letters>()},
      {.strategy = restart_strategy::one_for_all, .intensity = 100},
      {n.child("a"),
       {.id = "inner", .start = nested({}, n.children("xyz"))},
       n.child("b")});
    REQUIRE(hdl);
    auto end = n.end_of(*hdl);
    caf::anon_send(*hdl, start_atom_v);
    caf::anon_send(*hdl, start_atom_v, n.child("c"));
    for (size_t i = 0; i < steps && n.sim.deliver_one(); ++i) {
      // nop
    }
    caf::anon_send_exit(*hdl, caf::exit_reason::user_shutdown);
    n.sim.run();
    REQUIRE(end->has_value());
    CHECK(**end == caf::exit_reason::user_shutdown);
    for (auto& [id, count] : n.notes->alive)
      CHECK(count == 0);
    CHECK_FALSE(n.notes->twice_alive);
  }
}

// SPDX-License-Identifier: Apache-2.0
#include "support/nursery.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <sstream>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

// -- children at run time ----------------------------------------------------------

TEST_CASE_METHOD(nursery, "children can be added while the tree runs",
                 "[supervisor]") {
  auto tree = start({}, children("ab"));
  auto c = tree.start_child(child("c"));
  REQUIRE(c);
  CHECK(*c == tree.child("c").value());
  CHECK(states(tree) == "a:running b:running c:running");
  tell(tree, "c", "crash");
  CHECK(states(tree) == "a:running b:running c:running");
  story();
  CHECK_FALSE(tree.stop());
  CHECK(story() == "-c -b -a");
}

TEST_CASE_METHOD(nursery, "an added child must be new, sound and startable",
                 "[supervisor]") {
  auto tree = start({}, {child("a"), child("b", restart_type::transient)});
  tell(tree, "b", "end");
  CHECK(outcome_of(tree.start_child(child("a"))) == "already_exists");
  CHECK(outcome_of(tree.start_child(child("b"))) == "already_exists");
  CHECK(outcome_of(tree.start_child(child(""))) == "bad_argument");
  notes->failing_starts["c"] = 1;
  CHECK(outcome_of(tree.start_child(child("c"))) == "child_start_failed");
  CHECK(states(tree) == "a:running b:terminated");
  CHECK(outcome_of(tree.start_child(child("c"))) == "ok");
}

TEST_CASE_METHOD(nursery, "a terminated child stays known until it is deleted",
                 "[supervisor]") {
  auto tree = start({}, children("abc"));
  story();
  CHECK_FALSE(tree.terminate_child("b"));
  CHECK(story() == "-b");
  CHECK(states(tree) == "a:running b:terminated c:running");
  CHECK_FALSE(tree.terminate_child("b"));
  CHECK(tree.child("b").value() == nullptr);
  CHECK(outcome_of(tree.restart_child("b")) == "ok");
  CHECK(story() == "+b");
  CHECK(info(tree, "b").restarts == 0);
  CHECK_FALSE(tree.terminate_child("b"));
  CHECK_FALSE(tree.delete_child("b"));
  CHECK(states(tree) == "a:running c:running");
  CHECK(outcome_of(tree.start_child(child("b"))) == "ok");
  CHECK(states(tree) == "a:running c:running b:running");
}

TEST_CASE_METHOD(nursery, "what is asked of a child must fit its state",
                 "[supervisor]") {
  auto tree = start({.backoff = {.initial = 1h, .max = 1h}}, children("ab"));
  CHECK(outcome_of(tree.terminate_child("x")) == "not_found");
  CHECK(outcome_of(tree.restart_child("x")) == "not_found");
  CHECK(outcome_of(tree.delete_child("x")) == "not_found");
  CHECK(outcome_of(tree.child("x")) == "not_found");
  CHECK(outcome_of(tree.restart_child("a")) == "child_not_stopped");
  CHECK(outcome_of(tree.delete_child("a")) == "child_not_stopped");
  tell(tree, "b", "crash");
  CHECK(text_of(tree.restart_child("b")) == "child 'b' is restarting");
  CHECK(text_of(tree.delete_child("b")) == "child 'b' is restarting");
}

TEST_CASE_METHOD(nursery, "a child that waits for its restart can be given up",
                 "[supervisor]") {
  auto tree = start({.strategy = restart_strategy::one_for_all,
                     .backoff = {.initial = 1s, .jitter = 0}},
                    children("abc"));
  tell(tree, "a", "crash");
  CHECK(states(tree) == "a:restarting b:restarting c:restarting");
  CHECK_FALSE(tree.terminate_child("a"));
  story();
  sim.advance(1s);
  CHECK(story() == "+b +c");
  CHECK(states(tree) == "a:terminated b:running c:running");
}

TEST_CASE_METHOD(nursery, "a terminated temporary child is forgotten",
                 "[supervisor]") {
  auto tree = start({}, {child("a", restart_type::temporary)});
  CHECK_FALSE(tree.terminate_child("a"));
  CHECK(states(tree) == "");
  CHECK(outcome_of(tree.restart_child("a")) == "not_found");
}

TEST_CASE_METHOD(nursery, "changes take turns in the order of their requests",
                 "[supervisor]") {
  auto tree = start({}, {{.id = "a", .start = stubborn("a"), .shutdown = 1s}});
  story();
  auto& sys = sim.runtime().system();
  sys.spawn<caf::hidden>([&](caf::event_based_actor* self) {
    self->send(tree.handle(), stop_atom_v, "a"s);
    self->send(tree.handle(), restart_atom_v, "a"s);
    self->send(tree.handle(), start_atom_v, child("b"));
  });
  sim.run();
  CHECK(story() == "");
  CHECK(tree.handle() != nullptr);
  sim.advance(1s);
  CHECK(story() == "-a +a +b");
}

TEST_CASE_METHOD(nursery, "a thousand children come and go", "[supervisor]") {
  auto tree = start({.intensity = 2'000}, {});
  for (auto i = 0; i < 1'000; ++i)
    REQUIRE(
      tree.start_child(child(std::to_string(i), restart_type::transient)));
  CHECK(actors() == 1'001);
  for (auto& c : all(tree))
    caf::anon_send(c.handle, c.id.size() % 2 == 0 ? "end"s : "crash"s);
  sim.run();
  auto counts = tree.count_children();
  REQUIRE(counts);
  CHECK(counts->specs == 1'000);
  CHECK(counts->active == 910);
  CHECK_FALSE(tree.stop());
  CHECK(actors() == 0);
}

// -- auto_shutdown -----------------------------------------------------------------

namespace {

struct significant_children : nursery {
  child_spec vital(std::string id, restart_type type) {
    auto result = child(std::move(id), type);
    result.significant = true;
    return result;
  }

  bool over() {
    return actors() == 0;
  }
};

} // namespace

TEST_CASE_METHOD(significant_children,
                 "any_significant ends with the first that is done",
                 "[supervisor]") {
  auto tree = start({.auto_shutdown = auto_shutdown::any_significant},
                    {child("a"), vital("b", restart_type::transient),
                     vital("c", restart_type::temporary), child("d")});
  auto end = end_of(tree.handle());
  tell(tree, "b", "crash");
  CHECK_FALSE(over());
  story();
  SECTION("a transient one by a normal end") {
    tell(tree, "b", "end");
    CHECK(story() == "-b -d -c -a");
  }
  SECTION("a temporary one by any end") {
    tell(tree, "c", "crash");
    CHECK(story() == "-c -d -b -a");
  }
  CHECK(over());
  REQUIRE(end->has_value());
  CHECK(**end == caf::exit_reason::user_shutdown);
}

TEST_CASE_METHOD(significant_children,
                 "all_significant ends with the last that is done",
                 "[supervisor]") {
  auto tree = start({.auto_shutdown = auto_shutdown::all_significant},
                    {child("a"), vital("b", restart_type::transient),
                     vital("c", restart_type::temporary), child("d")});
  tell(tree, "c", "end");
  CHECK_FALSE(over());
  story();
  tell(tree, "b", "end");
  CHECK(story() == "-b -d -a");
  CHECK(over());
}

TEST_CASE_METHOD(significant_children,
                 "a significant child that was stopped does not count",
                 "[supervisor]") {
  auto tree = start(
    {.auto_shutdown = auto_shutdown::any_significant},
    {vital("a", restart_type::transient), child("b", restart_type::transient)});
  CHECK_FALSE(tree.terminate_child("a"));
  tell(tree, "b", "end");
  CHECK_FALSE(over());
}

TEST_CASE_METHOD(significant_children,
                 "one that waits for its restart is not done", "[supervisor]") {
  auto tree = start(
    {.auto_shutdown = auto_shutdown::all_significant,
     .backoff = {.initial = 1s}},
    {vital("a", restart_type::transient), vital("b", restart_type::transient)});
  tell(tree, "a", "crash");
  tell(tree, "b", "end");
  CHECK_FALSE(over());
  sim.advance(1s);
  tell(tree, "a", "end");
  CHECK(over());
}

// -- the tree as others see it -----------------------------------------------------

TEST_CASE_METHOD(nursery, "a tree can be listed and counted", "[supervisor]") {
  auto tree = start({.name = "app"},
                    {child("a"),
                     {.id = "inner", .start = nested({}, children("xy"))},
                     child("b", restart_type::transient)});
  tell(tree, "a", "crash");
  tell(tree, "b", "end");
  auto all = tree.tree();
  REQUIRE(all);
  CHECK(to_string(*all)
        == "app: supervisor, running\n"
           "  a: worker, running, restarts: 1, last: "
           "caf::sec::runtime_error(\"crash\")\n"
           "  inner: supervisor, running\n"
           "    x: worker, running\n"
           "    y: worker, running\n"
           "  b: worker, terminated\n");
  std::ostringstream out;
  out << *all;
  CHECK(out.str() == to_string(*all));
  CHECK(all->children[1].children[0].handle != nullptr);
  CHECK(all->handle == caf::actor_cast<caf::actor>(tree.handle()));
  auto counts = tree.count_children().value();
  CHECK(counts.specs == 3);
  CHECK(counts.active == 2);
  CHECK(counts.supervisors == 1);
  CHECK(counts.workers == 2);
}

TEST_CASE_METHOD(nursery, "a tree can be listed while it is busy",
                 "[supervisor]") {
  auto tree = start(
    {}, {{.id = "a", .start = stubborn("a"), .shutdown = 1h}, child("b")});
  std::string seen;
  sim.runtime().system().spawn<caf::hidden>([&](caf::event_based_actor* self) {
    self->send(tree.handle(), stop_atom_v);
    self->request(tree.handle(), caf::infinite, caf::get_atom_v)
      .then([&](const child_info& all) { seen = to_string(all); });
  });
  sim.run();
  CHECK(seen
        == "supervisor: supervisor, stopping\n"
           "  a: worker, running\n"
           "  b: worker, stopping\n");
}

TEST_CASE_METHOD(nursery, "every state has a name", "[supervisor]") {
  CHECK(to_string(child_state::starting) == "starting");
  CHECK(to_string(child_state::terminated) == "terminated");
  CHECK(to_string(child_type::worker) == "worker");
}

TEST_CASE_METHOD(nursery, "a factory may want its context", "[supervisor]") {
  std::string path;
  auto curious = [&path](const child_context& context) {
    path = context.path;
    return context.system.spawn(
      []() -> caf::behavior { return {[](int x) { return x; }}; });
  };
  auto tree = start(
    {.name = "app"},
    {{.id = "inner", .start = nested({}, {{.id = "x", .start = curious}})}});
  CHECK(path == "app/inner/x");
}

// SPDX-License-Identifier: Apache-2.0
#include "support/nursery.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <algorithm>
#include <deque>
#include <random>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

namespace {

/// root { a, b, inner { x, y } }, all of which have lasting addresses.
class storm : public nursery {
public:
  explicit storm(uint64_t seed) : nursery(seed), chance_(seed) {
    auto strategy = [this] { return static_cast<restart_strategy>(draw(3)); };
    auto options = [&] {
      return supervisor_options{
        .strategy = strategy(),
        .intensity = 1'000'000,
        .backoff
        = {.initial = std::chrono::milliseconds{10 * draw(3)}, .max = 50ms}};
    };
    tree = start(options(),
                 {lasting("a"),
                  lasting("b"),
                  {.id = "inner",
                   .start = nested(options(), {lasting("x"), lasting("y")}),
                   .stash = 5}});
    refresh();
  }

  size_t draw(size_t n) {
    return chance_() % n;
  }

  bool coin() {
    return draw(2) == 0;
  }

  /// The leaves' addresses; those within `inner` change with its lives.
  void refresh() {
    auto root = tree->tree().value();
    leaves.clear();
    for (auto& c : root.children)
      if (c.type == child_type::worker)
        leaves.push_back(c.handle);
      else
        for (auto& leaf : c.children)
          leaves.push_back(leaf.handle);
  }

  const caf::actor& leaf() {
    return leaves[draw(leaves.size())];
  }

  bool all_running() {
    auto root = tree->tree().value();
    auto running = [](auto& self, const child_info& node) -> bool {
      return node.state == child_state::running
             && std::ranges::all_of(
               node.children, [&](auto& child) { return self(self, child); });
    };
    return running(running, root);
  }

  /// An answer, or an error, for each request.
  void ask(const caf::actor& hdl, std::string text) {
    ++asked;
    sim.runtime().system().spawn<caf::hidden>(
      [this, hdl, text = std::move(text)](caf::event_based_actor* self) {
        self->request(hdl, caf::infinite, text)
          .then([this](const std::string&) { ++answered; },
                [this](const caf::error&) { ++failed; });
      });
  }

  void deliver(size_t count) {
    while (count-- > 0 && sim.deliver_one()) {
      // nop
    }
  }

  std::optional<supervisor> tree;
  std::vector<caf::actor> leaves;
  size_t asked = 0;
  size_t answered = 0;
  size_t failed = 0;

private:
  child_spec lasting(std::string id) {
    child_spec result{.id = id, .start = accounted_factory(id)};
    result.stash = 5;
    return result;
  }

  std::mt19937_64 chance_;
};

/// The numbers among the texts that were handled.
std::vector<int> numbers_of(const std::vector<std::string>& texts) {
  std::vector<int> result;
  for (auto& text : texts)
    if (text.starts_with('#'))
      result.push_back(std::stoi(text.substr(1)));
  return result;
}

constexpr uint64_t seeds = 150;

} // namespace

TEST_CASE("what was sent has been handled, is a dead letter or is in flight",
          "[supervisor][storm]") {
  size_t overflown = 0;
  size_t lost = 0;
  for (uint64_t seed = 1; seed <= seeds; ++seed) {
    CAPTURE(seed);
    storm s{seed};
    size_t sent = 0;
    for (auto i = 0; i < 60; ++i) {
      for (auto n = s.draw(8); n > 0; --n) {
        ++sent;
        caf::anon_send(s.leaf(), "#" + std::to_string(sent));
        if (s.draw(10) == 0)
          caf::anon_send_exit(s.leaf(), caf::exit_reason::kill);
      }
      s.deliver(s.draw(10));
      if (s.draw(4) == 0)
        s.sim.advance(std::chrono::milliseconds{s.draw(30)});
      if (s.coin())
        continue;
      s.refresh();
      size_t in_flight = 0;
      auto root = s.tree->tree().value();
      for (auto& c : root.children) {
        in_flight += c.stashed;
        for (auto& leaf : c.children)
          in_flight += leaf.stashed;
      }
      auto handled = numbers_of(s.notes->handled).size();
      REQUIRE(sent == handled + s.letters().count() + in_flight);
    }
    s.sim.advance(1s);
    CHECK(s.all_running());
    auto handled = numbers_of(s.notes->handled);
    CHECK(sent == handled.size() + s.letters().count());
    std::ranges::sort(handled);
    CHECK(std::ranges::adjacent_find(handled) == handled.end());
    overflown += s.letters().count(dead_letter_reason::stash_overflow);
    lost += s.letters().count(dead_letter_reason::lost_in_mailbox);
    CHECK_FALSE(s.notes->twice_alive);
    CHECK_FALSE(s.tree->stop());
    CHECK(s.actors() == 0);
  }
  CHECK(overflown > 0);
  CHECK(lost > 0);
}

TEST_CASE("whenever children die, each request has one answer",
          "[supervisor][storm]") {
  size_t answered = 0;
  size_t failed = 0;
  for (uint64_t seed = 1; seed <= seeds; ++seed) {
    CAPTURE(seed);
    storm s{seed};
    auto one = s.leaf();
    int sent = 0;
    for (auto i = 0; i < 100; ++i) {
      switch (s.draw(7)) {
        case 0:
          caf::anon_send_exit(s.leaf(), caf::exit_reason::kill);
          break;
        case 1:
          s.ask(s.leaf(), s.coin() ? "crash" : "throw");
          break;
        case 2:
          s.sim.advance(std::chrono::milliseconds{s.draw(20)});
          break;
        case 3:
          caf::anon_send_exit(s.tree->handle(), caf::exit_reason::normal);
          break;
        default:
          s.ask(s.leaf(), "hello");
          caf::anon_send(one, "#" + std::to_string(++sent));
      }
      s.deliver(s.draw(12));
    }
    s.sim.advance(1s);
    CHECK(s.all_running());
    CHECK(s.answered + s.failed == s.asked);
    answered += s.answered;
    failed += s.failed;
    // From one sender, to one child: in order, at most once.
    auto handled = numbers_of(s.notes->handled);
    CHECK(std::ranges::is_sorted(handled, std::less_equal{}));
    CHECK_FALSE(s.notes->twice_alive);
    CHECK_FALSE(s.tree->stop());
    CHECK(s.actors() == 0);
  }
  CHECK(answered > 0);
  CHECK(failed > 0);
}

TEST_CASE("whenever a part of a tree is killed, the tree is whole again",
          "[supervisor][storm]") {
  const auto victim = GENERATE(0, 1, 2, 3, 4);
  const auto strategy
    = GENERATE(restart_strategy::one_for_one, restart_strategy::one_for_all,
               restart_strategy::rest_for_one);
  for (size_t steps = 0; steps < 40; ++steps) {
    CAPTURE(steps, victim, static_cast<int>(strategy));
    nursery n{steps + 1};
    auto tree
      = n.start({.strategy = strategy, .intensity = 100},
                {n.child("a"),
                 {.id = "inner",
                  .start = nested({.strategy = strategy, .intensity = 100},
                                  {n.child("x"), n.child("y")})},
                 n.child("b")});
    auto root = tree.tree().value();
    auto& inner = root.children[1];
    const caf::actor parts[]
      = {root.children[0].handle, inner.handle, inner.children[0].handle,
         inner.children[1].handle, root.children[2].handle};
    // Something is going on already.
    caf::anon_send(parts[2], "crash"s);
    caf::anon_send(parts[0], "crash"s);
    caf::anon_send(tree.handle(), start_atom_v, n.child("late"));
    for (size_t i = 0; i < steps && n.sim.deliver_one(); ++i) {
      // nop
    }
    caf::anon_send_exit(parts[victim], caf::exit_reason::kill);
    n.sim.run();
    CHECK(n.states(tree) == "a:running inner:running b:running late:running");
    // Only a supervisor's own death lets lives overlap: its children are
    // killed, but nobody is left to wait for them.
    CHECK((victim == 1 || !n.notes->twice_alive));
    for (auto& [id, count] : n.notes->alive)
      CHECK(count == 1);
    CHECK_FALSE(tree.stop());
    CHECK(n.actors() == 0);
  }
}

TEST_CASE("a supervisor forgives exactly its intensity",
          "[supervisor][storm]") {
  for (uint64_t seed = 1; seed <= seeds; ++seed) {
    std::mt19937_64 chance{seed};
    const auto intensity = chance() % 4;
    const auto period = std::chrono::milliseconds{500 + chance() % 1'000};
    CAPTURE(seed, intensity, period.count());
    nursery n{seed};
    auto tree
      = n.start({.intensity = intensity, .period = period}, n.children("ab"));
    auto end = n.end_of(tree.handle());
    std::deque<std::chrono::milliseconds> times;
    auto now = 0ms;
    for (auto i = 0; i < 50 && !end->has_value(); ++i) {
      auto pause = std::chrono::milliseconds{chance() % 1'000};
      n.sim.advance(pause);
      now += pause;
      times.push_back(now);
      while (now - times.front() > period)
        times.pop_front();
      n.tell(tree, chance() % 2 == 0 ? "a" : "b", "crash");
      REQUIRE(end->has_value() == (times.size() > intensity));
    }
    CHECK(n.actors() == (end->has_value() ? 0 : 3));
  }
}

TEST_CASE("whenever a stop comes, those alive end in reverse order",
          "[supervisor][storm]") {
  for (uint64_t seed = 1; seed <= seeds; ++seed) {
    CAPTURE(seed);
    storm s{seed};
    for (auto n = s.draw(4); n > 0; --n)
      caf::anon_send_exit(s.leaf(), caf::exit_reason::kill);
    s.sim.run();
    // Some of them wait for their restart.
    std::string expected;
    for (auto id : {"y", "x", "b", "a"})
      if (s.notes->alive[id] > 0)
        expected += (expected.empty() ? "-" : " -") + std::string{id};
    s.story();
    caf::anon_send_exit(s.tree->handle(), caf::exit_reason::user_shutdown);
    s.sim.advance(10s);
    CHECK(s.story() == expected);
    CHECK(s.actors() == 0);
  }
}

TEST_CASE("whenever a stop comes, nobody is left behind",
          "[supervisor][storm]") {
  for (uint64_t seed = 1; seed <= seeds; ++seed) {
    CAPTURE(seed);
    storm s{seed};
    for (auto n = s.draw(4); n > 0; --n)
      caf::anon_send_exit(s.leaf(), caf::exit_reason::kill);
    s.deliver(s.draw(30));
    caf::anon_send_exit(s.tree->handle(), caf::exit_reason::user_shutdown);
    s.deliver(s.draw(30));
    caf::anon_send_exit(s.leaf(), caf::exit_reason::kill);
    s.sim.advance(10s);
    CHECK(s.actors() == 0);
    for (auto& [id, count] : s.notes->alive)
      CHECK(count == 0);
    CHECK_FALSE(s.notes->twice_alive);
  }
}

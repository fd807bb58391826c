// SPDX-License-Identifier: Apache-2.0
//
// What a restart takes, from the child's death to the next one's first answer,
// against the least that it could take with bare CAF: to spawn an actor, to
// monitor it and to ask it once. And what a lasting address costs a request.

#include "bench.hpp"
#include <cosmo/log.hpp>
#include <cosmo/supervisor.hpp>

#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

namespace bench {

namespace {

constexpr int restarts = 5'000;
constexpr int requests = 50'000;
constexpr int children = 10'000;

/// Answers a number with the next one, and ends at a negative one.
caf::behavior counter(caf::event_based_actor* self) {
  return {[self](int x) {
    if (x < 0)
      self->quit(caf::exit_reason::unknown);
    return x + 1;
  }};
}

caf::actor spawn_counter(caf::actor_system& sys) {
  return sys.spawn(counter);
}

/// Asks one after the other, and calls `done` at the end. `next` says what.
struct asker : std::enable_shared_from_this<asker> {
  caf::event_based_actor* self;
  std::function<caf::actor()> whom;
  std::function<int()> next;
  std::function<void()> done;
  int left;

  void go_on() {
    if (left-- == 0)
      return done();
    self->request(whom(), caf::infinite, next())
      .then([me = shared_from_this()](int) { me->go_on(); },
            [me = shared_from_this()](const caf::error&) { me->go_on(); });
  }
};

double ask(caf::actor_system& sys, int count, std::function<int()> next,
           std::function<caf::actor(caf::event_based_actor*)> whom) {
  return time([&] {
           run_actor(sys, [&](caf::event_based_actor* self, auto done) {
             self->set_down_handler([](caf::down_msg&) {});
             auto a = std::make_shared<asker>();
             a->self = self;
             a->whom = [=] { return whom(self); };
             a->next = next;
             a->done = done;
             a->left = count;
             a->go_on();
           });
         })
         / count;
}

} // namespace

void supervisor() {
  cosmo::log::set_sink({}); // each crash is a line
  cosmo::runtime rt;
  auto& sys = rt.system();
  auto tree = cosmo::supervisor::start(
    rt, {.intensity = std::numeric_limits<size_t>::max()},
    {{.id = "a", .start = spawn_counter, .stash = 16}});
  auto lasting = *tree->child("a");
  auto plain = sys.spawn(counter);
  // Every other request ends the child; the next one waits for its successor.
  auto restart = best_of(5, [&] {
    return ask(
      sys, 2 * restarts, [x = 1]() mutable { return x = -x; },
      [&](caf::event_based_actor*) { return lasting; });
  });
  auto bare = best_of(5, [&] {
    return ask(
      sys, restarts, [] { return 1; },
      [&](caf::event_based_actor* self) {
        auto hdl = sys.spawn(counter);
        self->monitor(hdl);
        return hdl;
      });
  });
  auto through = best_of(5, [&] {
    return ask(
      sys, requests, [] { return 1; },
      [&](caf::event_based_actor*) { return lasting; });
  });
  auto direct = best_of(5, [&] {
    return ask(
      sys, requests, [] { return 1; },
      [&](caf::event_based_actor*) { return plain; });
  });
  report("supervisor.restart_us", 2e6 * restart, "us");
  report("supervisor.bare_spawn_us", 1e6 * bare, "us");
  report("supervisor.restart_ratio", 2 * restart / bare, "x");
  report("supervisor.lasting_address_ratio", through / direct, "x");
  std::vector<cosmo::child_spec> specs;
  for (int i = 0; i < children; ++i)
    specs.push_back({.id = std::to_string(i), .start = spawn_counter});
  auto start = clock::now();
  auto many = cosmo::supervisor::start(rt, {}, std::move(specs));
  auto up = clock::now();
  (void)many->stop();
  auto down = clock::now();
  report("supervisor.start_10k_ms", 1e3 * seconds{up - start}.count(), "ms");
  report("supervisor.stop_10k_ms", 1e3 * seconds{down - up}.count(), "ms");
}

} // namespace bench

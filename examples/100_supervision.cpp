// SPDX-License-Identifier: Apache-2.0
//
// What you learn: supervision trees of your own actors, with OTP's names and
// rules. A worker that crashes is started again behind the same handle; a
// subtree that keeps crashing gives up, and the level above starts it anew.
// Run: build/dev/bin/example_100_supervision

#include <cosmo/log.hpp>
#include <cosmo/supervisor.hpp>

#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>

#include <charconv>
#include <chrono>
#include <iostream>
#include <semaphore>
#include <string>

namespace {

using namespace std::literals;

/// Doubles the number in a text. It does not argue with bad input: it ends, and
/// leaves it to its supervisor to begin again with a clean state.
caf::behavior doubler(caf::event_based_actor* self) {
  return {[self](const std::string& text) -> caf::result<int> {
    int number = 0;
    auto end = text.data() + text.size();
    if (std::from_chars(text.data(), end, number).ptr == end)
      return 2 * number;
    auto err = cosmo::make_error(cosmo::ec::bad_input, "not a number: " + text);
    self->quit(err);
    return err;
  }};
}

/// Asks from a plain thread, and waits.
void ask(const caf::scoped_actor& self, const caf::actor& whom,
         const std::string& text) {
  self->request(whom, 10s, text)
    .receive([&](int answer) { std::cout << text << " -> " << answer << '\n'; },
             [&](const caf::error& err) {
               std::cout << text << " -> " << cosmo::describe(err) << '\n';
             });
}

} // namespace

int main() {
  cosmo::log::set_sink({}); // it would tell of each crash
  cosmo::runtime rt;
  std::counting_semaphore<> steady_births{0};
  std::counting_semaphore<> shaky_births{0};
  auto start_doubler
    = [](caf::actor_system& sys) { return sys.spawn(doubler); };
  auto start_announced = [](std::counting_semaphore<>& births) {
    return [&births](caf::actor_system& sys) {
      births.release();
      return sys.spawn(doubler);
    };
  };
  auto tree = cosmo::supervisor::start(
    rt, {.name = "app", .intensity = 3},
    {{.id = "steady", .start = start_announced(steady_births), .stash = 100},
     {.id = "nested",
      .start
      = cosmo::nested({.intensity = 1},
                      {{.id = "shaky", .start = start_announced(shaky_births)},
                       {.id = "sibling", .start = start_doubler}}),
      .stash = 100}});
  if (!tree) {
    std::cerr << cosmo::describe(tree.error()) << '\n';
    return 1;
  }
  std::cout << *tree->tree();
  caf::scoped_actor self{rt.system()};
  // With a stash, a handle is good for all lives of its child.
  auto steady = *tree->child("steady");
  ask(self, steady, "21");
  steady_births.acquire();
  ask(self, steady, "many");
  // What reaches it while it dies would be lost with it.
  steady_births.acquire();
  ask(self, steady, "4");
  // The nested supervisor forgives one failure in its period, not two.
  shaky_births.acquire();
  for (auto crash : {"first", "second"}) {
    auto nested = *tree->child<cosmo::supervisor_actor>("nested");
    self->request(nested, 10s, caf::get_atom_v, "shaky"s)
      .receive([&](const caf::actor& shaky) { ask(self, shaky, crash); },
               [](const caf::error&) {});
    shaky_births.acquire();
  }
  // What is sent to the nested supervisor waits until it is up again.
  auto nested = *tree->child<cosmo::supervisor_actor>("nested");
  self->request(nested, 10s, caf::get_atom_v)
    .receive([](const cosmo::child_info&) {}, [](const caf::error&) {});
  std::cout << *tree->tree();
  (void)tree->stop();
}

// Expected output:
// app: supervisor, running
//   steady: worker, running
//   nested: supervisor, running
//     shaky: worker, running
//     sibling: worker, running
// 21 -> 42
// many -> bad_input: not a number: many
// 4 -> 8
// first -> bad_input: not a number: first
// second -> bad_input: not a number: second
// app: supervisor, running
//   steady: worker, running, restarts: 1, last: bad_input: not a number: many
//   nested: supervisor, running, restarts: 1, last: restart_intensity:
//     ... more than 1 restarts, the last of shaky (on one line)
//     shaky: worker, running
//     sibling: worker, running

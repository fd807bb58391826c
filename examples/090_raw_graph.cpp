// SPDX-License-Identifier: Apache-2.0
//
// What you learn: the actors behind the facade. Everything is a message to a
// typed actor (see cosmo/actors.hpp), so an agent graph can be built from plain
// CAF actors: one is the Neuron, one listens on the bus, one asks.
// Run: build/dev/bin/example_090_raw_graph

#include <cosmo/runtime.hpp>

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <iostream>

namespace {

using cosmo::json;

/// A Neuron that is an actor.
cosmo::neuron_actor::behavior_type counter() {
  return {[n = 0](const json& input, const json&) mutable {
    n += input.value("add", 1);
    return json{{"total", n}};
  }};
}

/// An actor that gets whatever it subscribed to.
cosmo::subscriber_actor::behavior_type
listener(cosmo::subscriber_actor::pointer) {
  return {[](cosmo::deliver_atom, uint64_t, const cosmo::signal& sig) {
    std::cout << "on the bus: " << to_string(sig.type()) << " "
              << sig.payload().dump() << '\n';
  }};
}

/// Dispatches one TASK and reads its Pathway to the end. A failed request ends
/// the actor, and with it the program's wait.
void ask(caf::event_based_actor* self, cosmo::dendrite_actor orchestrator,
         int add) {
  auto read = [self](auto& again, cosmo::pathway_actor from) -> void {
    self->request(from, caf::infinite, cosmo::next_atom_v)
      .then(
        [=](const cosmo::signal& sig) {
          std::cout << "answer: " << to_string(sig.type()) << ' '
                    << sig.output().dump() << '\n';
          again(again, from);
        },
        [=](const caf::error& err) {
          if (err != cosmo::ec::pathway_closed)
            self->quit(err);
        });
  };
  self
    ->request(orchestrator, caf::infinite, cosmo::dispatch_atom_v,
              cosmo::dispatch_options{
                .neuron = "counter", .input = {{"add", add}}, .finalize = true})
    .then(
      [=](const cosmo::opened_pathway& opened) { read(read, opened.handle); });
}

} // namespace

int main() {
  cosmo::runtime rt;
  auto& sys = rt.system();
  auto bus = rt.spawn_synapse();
  auto worker = rt.spawn_dendrite(bus, {.role = cosmo::role::worker});
  auto orchestrator = rt.spawn_dendrite(bus);
  if (!worker || !orchestrator)
    return 1;
  {
    // A scoped actor lets a plain thread take part.
    caf::scoped_actor self{sys};
    auto fail = [](const caf::error& err) {
      std::cerr << cosmo::describe(err) << '\n';
    };
    cosmo::axon axon{{.neuron_id = "counter",
                      .neuron = cosmo::neuron::actor(sys.spawn(counter))}};
    self->request(*worker, caf::infinite, cosmo::attach_atom_v, axon, false)
      .receive([] {}, fail);
    self
      ->request(bus, caf::infinite, caf::subscribe_atom_v,
                cosmo::subscription{.pattern = cosmo::signal_subject(
                                      "default", cosmo::signal_type::TASK),
                                    .receiver = sys.spawn(listener)})
      .receive([] {}, fail);
    for (auto& dendrite : {*worker, *orchestrator})
      self->request(dendrite, caf::infinite, cosmo::start_atom_v)
        .receive([] {}, fail);
    auto asker = sys.spawn(ask, *orchestrator, 42);
    self->wait_for(asker);
  }
}

// Expected output, the first two lines in either order:
// on the bus: TASK {"input":{"add":42},"finalize":true}
// answer: AGENT_OUTPUT {"total":42}
// answer: FINAL {"total":42}

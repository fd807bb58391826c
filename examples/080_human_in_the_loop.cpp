// SPDX-License-Identifier: Apache-2.0
//
// What you learn: an agent that asks before it acts. Its PERMISSION pauses the
// trace; a person, here a second Dendrite, decides; the agent runs again with
// the verdict, and the caller who waits for the FINAL never noticed.
// Run: build/dev/bin/example_080_human_in_the_loop

#include <cosmo/runtime.hpp>

#include <iostream>

using namespace std::literals;

namespace {

/// Deletes files, but not without being told that it may.
cosmo::json janitor(const cosmo::json& input, const cosmo::json&) {
  auto verdict = input.find("permission");
  if (verdict == input.end())
    return {{"__permission__", true},
            {"action", "delete " + input.value("file", "")}};
  return {{"deleted", verdict->value("granted", false)}};
}

} // namespace

int main() {
  cosmo::runtime rt;
  auto synapse = rt.connect("memory:");
  auto worker
    = rt.dendrite(synapse, {.name_space = "demo", .role = cosmo::role::worker});
  worker.attach_axon({.neuron_id = "janitor", .neuron = janitor});

  // The person may answer, but does not dispatch: a worker.
  auto person = rt.dendrite(synapse, {.name_space = "demo",
                                      .dendrite_id = "person",
                                      .role = cosmo::role::worker});
  person.on_permission([&](const cosmo::signal& request) {
    std::cout << request.directed_id() << " wants to "
              << request.payload().value("action", "") << '\n';
    person.grant_permission(request, "it is only the cache", 60s);
  });

  // The orchestrator waits for the person's word and passes it on. A handler
  // may take its time: it holds up nobody but itself.
  auto orchestrator = rt.dendrite(synapse, {.name_space = "demo"});
  orchestrator.on_permission([&](const cosmo::signal& request) {
    auto decision = orchestrator.await_decision(request, 60s);
    if (!decision)
      return;
    auto verdict = *decision->get_if<cosmo::payload::permission_decision>();
    std::cout << decision->directed_id() << " says "
              << (verdict.granted ? "yes" : "no") << '\n';
    orchestrator.respond_to_permission(request, verdict);
  });

  auto scope = cosmo::running(worker, person, orchestrator);
  auto reply = orchestrator.dispatch_and_wait({
    .neuron = "janitor",
    .input = {{"file", "cache.bin"}},
    .scope = cosmo::scope::terminal,
  });
  if (!reply) {
    std::cerr << cosmo::describe(reply.error()) << '\n';
    return 1;
  }
  std::cout << to_string(reply->type()) << ' ' << reply->output().dump()
            << '\n';
}

// Expected output:
// janitor wants to delete cache.bin
// person says yes
// FINAL {"deleted":true}

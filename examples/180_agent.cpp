// SPDX-License-Identifier: Apache-2.0
//
// What you learn: an agent of several steps, written straight down. It is a
// coroutine: while it waits for memory, a tool, another agent or a pause it
// holds no thread, and a STOP on its trace ends it at the next `co_await`.
// Run: build/dev/bin/example_180_agent

#include <cosmo/coroutine.hpp>
#include <cosmo/memory_engram.hpp>
#include <cosmo/runtime.hpp>
#include <cosmo/served_effector.hpp>

#include <chrono>
#include <iostream>
#include <memory>
#include <string>

using cosmo::json;

namespace {

using namespace std::chrono_literals;

/// Plans a trip: remembers, asks a tool, asks another agent, writes down.
cosmo::task<caf::expected<json>> plan(json input, json,
                                      cosmo::coroutine_io io) {
  auto place = input.value("place", "nowhere");

  // What is known already. What is passed to an awaited call gets a name first.
  const cosmo::recall_options about{.filters
                                    = {{"tags", json::array({place})}}};
  auto known = co_await io.recall("diary", about);
  if (!known)
    co_return known.error();

  json where{{"at", place}};
  // A tool that fails at first is asked again, by the agent's own rule.
  auto weather = co_await io.call_tool("senses", "weather", where);
  for (int tries = 1; tries < 3 && weather && !weather->ok(); ++tries) {
    co_await io.sleep(10ms);
    weather = co_await io.call_tool("senses", "weather", where);
  }
  if (!weather)
    co_return weather.error();
  if (!weather->ok())
    co_return json{{"plan", "stay at home"}};

  // Another agent, on a trace of its own that is stopped with this one.
  json question{{"weather", weather->result},
                {"been_there", !known->hits.empty()}};
  auto advice = co_await io.dispatch("adviser", question);
  if (!advice)
    co_return advice.error();

  const cosmo::imprint_options note{
    .op = "append",
    .entry = {{"content", advice->output()}, {"tags", json::array({place})}},
    .await_ack = true};
  auto noted = co_await io.imprint("diary", note);
  if (!noted)
    co_return noted.error();
  co_return advice->output();
}

json advise(const json& input, const json&) {
  std::string text = input.value("been_there", false) ? "go again" : "go";
  return {{"plan", text + ", it is " + input.value("weather", "")}};
}

} // namespace

int main() {
  cosmo::runtime rt;
  auto synapse = rt.connect("memory:");
  // The agent dispatches, so its host is an orchestrator.
  auto home = rt.dendrite(synapse);
  home.attach_engram(std::make_shared<cosmo::memory_engram>(
    cosmo::memory_engram_options{.engram_id = "diary"}));
  auto senses = cosmo::serve({.effector_id = "senses"});
  senses->on_tool_call(
    "weather", [calls = 0](const json& args) mutable -> json {
      if (calls++ == 0)
        throw std::runtime_error{"it is foggy at " + args.value("at", "")};
      return "sunny";
    });
  home.attach_effector(senses);
  home.attach_axon({.neuron_id = "planner",
                    .neuron = plan,
                    .engrams = {{.name = "diary", .directed_id = "diary"}},
                    .effectors = {{.name = "senses", .directed_id = "senses"}},
                    .tool_standard = "auto"});
  home.attach_axon({.neuron_id = "adviser", .neuron = advise});

  auto scope = cosmo::running(home);
  for (int i = 0; i < 2; ++i) {
    auto reply = home.dispatch_and_wait(
      {.neuron = "planner", .input = {{"place", "lake"}}});
    if (!reply) {
      std::cerr << cosmo::describe(reply.error()) << '\n';
      return 1;
    }
    std::cout << reply->payload().dump() << '\n';
  }
}

// Expected output:
// {"output":{"plan":"go, it is sunny"}}
// {"output":{"plan":"go again, it is sunny"}}

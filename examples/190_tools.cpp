// SPDX-License-Identifier: Apache-2.0
//
// What you learn: a model that uses tools. An Effector serves them, on any
// Dendrite; the Axon declares which its Neuron may use; `tool_loop` makes the
// calls that the model asks for until it answers. A call is a TOOL_CALL on the
// bus, so everybody can watch.
// Run: build/dev/bin/example_190_tools

#include <cosmo/neuron/tool_loop.hpp>
#include <cosmo/runtime.hpp>
#include <cosmo/served_effector.hpp>

#include <iostream>
#include <string>

using cosmo::json;

namespace {

/// A model with one idea, for those who have no key at hand: it asks for
/// `add` first, and then says what came of it. `cosmo::neuron::openai({...})`
/// in its place would ask a real one.
cosmo::any_neuron model() {
  return cosmo::neuron::async([](const json& input, const json&,
                                 const cosmo::neuron_io&,
                                 const cosmo::neuron_promise& done) {
           auto messages = input.value("messages", json::array());
           if (!messages.empty() && messages.back().at("role") == "tool")
             return done.deliver(
               {{"response",
                 "The sum is "
                   + messages.back().at("content").get<std::string>()},
                {"meta", json::object()}});
           json call{{"id", "call_1"},
                     {"type", "function"},
                     {"function",
                      {{"name", "add"}, {"arguments", R"({"a":2,"b":40})"}}}};
           json message{{"tool_calls", json::array({call})}};
           json choice{{"message", message}};
           done.deliver({{"response", ""},
                         {"meta", {{"choices", json::array({choice})}}}});
         })
    .asks({.source = "openai", .model = "stand-in"});
}

} // namespace

int main() {
  cosmo::runtime rt;
  auto synapse = rt.connect("memory:");

  // 1. Who acts.
  auto calculator = cosmo::serve({.effector_id = "calculator"});
  calculator->on_tool_call("add", [](const json& args) -> json {
    return args.at("a").get<int>() + args.at("b").get<int>();
  });
  auto tools = rt.dendrite(
    synapse, {.dendrite_id = "tools", .role = cosmo::role::worker});
  tools.attach_effector(calculator);

  // 2. Who thinks, and what it is told of the tools.
  const cosmo::tool_schema add{
    .name = "add",
    .description = "Adds two whole numbers.",
    .properties = {{"a", {{"type", "integer"}}}, {"b", {{"type", "integer"}}}},
    .required = {"a", "b"}};
  auto worker = rt.dendrite(
    synapse, {.dendrite_id = "worker", .role = cosmo::role::worker});
  worker.attach_axon(
    {.neuron_id = "clerk",
     .neuron = cosmo::neuron::tool_loop(model()),
     .effectors = {
       {.name = "calculator", .directed_id = "calculator", .schemas = {add}}}});

  // 3. Who asks, and watches.
  auto orchestrator = rt.dendrite(synapse);
  orchestrator.on_tool_call([](const cosmo::signal& call) {
    std::cout << "asks for " << call.payload().value("tool", "") << ' '
              << call.payload().at("args").dump() << '\n';
  });
  auto scope = cosmo::running(tools, worker, orchestrator);
  auto reply = orchestrator.dispatch_and_wait(
    {.neuron = "clerk", .input = {{"prompt", "What is 2 + 40?"}}});
  if (!reply) {
    std::cerr << cosmo::describe(reply.error()) << '\n';
    return 1;
  }
  std::cout << reply->payload().at("output").at("response") << '\n';
}

// Expected output:
// asks for add {"a":2,"b":40}
// "The sum is 42"

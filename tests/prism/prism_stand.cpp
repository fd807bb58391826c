// SPDX-License-Identifier: Apache-2.0
//
// A bus of agents with a Prism in front, moved by lines on standard input:
//
//   greet <text>   asks the greeter, who remembers, calculates, and asks
//   another fail           asks a Neuron that fails flood <n>      publishes so
//   many Signals lose           loses the connections of all viewers
//
// Prints where Prism listens, and `done` after each line. Ends with its input.

#include <cosmo/codec.hpp>
#include <cosmo/memory_engram.hpp>
#include <cosmo/net/prism_server.hpp>
#include <cosmo/runtime.hpp>
#include <cosmo/served_effector.hpp>
#include <cosmo/signal_builder.hpp>

#include <iostream>
#include <list>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>

namespace {

using cosmo::json;
using cosmo::net::observer_events;

constexpr auto name_space = "demo";

/// Lets viewers observe a Synapse of this process.
class memory_feed {
public:
  explicit memory_feed(cosmo::synapse bus) : bus_(std::move(bus)) {
    // nop
  }

  caf::expected<std::shared_ptr<void>> observe(const std::string& url,
                                               const std::string& where,
                                               observer_events events) {
    if (url != "memory:")
      return cosmo::make_error(cosmo::ec::connect_failed,
                               "nobody listens at " + url);
    auto shared = std::make_shared<observer_events>(std::move(events));
    auto discover = build_(cosmo::payload::discover{});
    if (!discover)
      return discover.error();
    (void)bus_.publish("cosmonapse." + where + ".DISCOVER", *discover);
    auto handle = bus_.subscribe("cosmonapse." + where + ".>",
                                 [shared](const cosmo::signal& sig) {
                                   if (auto frame = cosmo::encode(sig))
                                     shared->on_frame("", *frame);
                                 });
    if (!handle)
      return handle.error();
    std::unique_lock guard{mutex_};
    observers_.push_back(shared);
    return std::shared_ptr<void>{
      nullptr, [handle = *handle](void*) mutable { handle.unsubscribe(); }};
  }

  void lose() {
    std::unique_lock guard{mutex_};
    for (const auto& weak : observers_)
      if (auto events = weak.lock())
        events->on_lost(
          cosmo::make_error(cosmo::ec::not_connected, "the Synapse has gone"));
    observers_.clear();
  }

  void flood(int count) {
    for (int i = 0; i < count; ++i) {
      auto sig = build_(
        cosmo::payload::thought_delta{.delta = "thought " + std::to_string(i),
                                      .seq = i},
        {.directed = cosmo::directed{.id = "greeter"}});
      if (sig)
        (void)bus_.publish("cosmonapse.demo.THOUGHT_DELTA", *sig);
    }
    (void)bus_.flush();
  }

private:
  cosmo::synapse bus_;
  cosmo::signal_builder build_{cosmo::world::real()};
  std::mutex mutex_;
  std::list<std::weak_ptr<observer_events>> observers_;
};

/// A worker whose Neurons use all that there is to see.
cosmo::dendrite make_worker(cosmo::runtime& rt, const cosmo::synapse& bus) {
  auto worker = rt.dendrite(bus, {.name_space = name_space,
                                  .dendrite_id = "worker",
                                  .role = cosmo::role::worker});
  worker.attach_engram(std::make_shared<cosmo::memory_engram>(
    cosmo::memory_engram_options{.engram_id = "notebook"}));
  auto calculator = cosmo::serve({.effector_id = "calculator"});
  calculator->on_tool_call("count", [](const json& args) -> json {
    return args.at("text").get<std::string>().size();
  });
  worker.attach_effector(calculator);
  worker.attach_axon({
    .neuron_id = "greeter",
    .neuron = [](const json& input, const json&,
                 const cosmo::neuron_io& io) -> caf::expected<json> {
      auto prompt = input.at("prompt").get<std::string>();
      io.think("who may that be");
      auto length = io.call_tool("calculator", "count", json{{"text", prompt}});
      if (!length)
        return length.error();
      (void)io.imprint(
        "notes",
        {.op = "append", .entry = {{"content", prompt}}, .await_ack = true});
      (void)io.recall("notes", {.query = {{"text", prompt}}});
      return json{{"text", "Hello, " + prompt}};
    },
    .capabilities = {"greet"},
    .engrams = {{.name = "notes", .directed_id = "notebook"}},
    .effectors
    = {{.name = "calculator", .directed_id = "calculator", .tools = {"count"}}},
    .tool_standard = "hermes",
  });
  worker.attach_axon({
    .neuron_id = "grump",
    .neuron = [](const json&, const json&) -> json {
      throw std::runtime_error{"not <b>today</b>"};
    },
  });
  return worker;
}

} // namespace

int main() {
  cosmo::runtime rt;
  auto bus = rt.connect("memory:");
  if (!bus)
    return 1;
  auto worker = make_worker(rt, *bus);
  auto orchestrator = rt.dendrite(
    *bus, {.name_space = name_space, .dendrite_id = "orchestrator"});
  auto scope = cosmo::running(worker, orchestrator);
  memory_feed feed{*bus};
  auto prism = cosmo::net::prism_server::open(
    {.port = 0, .url = "memory:", .name_space = name_space},
    [&](const std::string& url, const std::string& where,
        observer_events events) {
      return feed.observe(url, where, std::move(events));
    });
  if (!prism) {
    std::cerr << cosmo::describe(prism.error()) << '\n';
    return 1;
  }
  std::cout << (*prism)->url() << std::endl;
  std::string line;
  while (std::getline(std::cin, line)) {
    auto blank = std::min(line.find(' '), line.size());
    auto verb = line.substr(0, blank);
    auto rest = line.substr(std::min(blank + 1, line.size()));
    if (verb == "greet")
      (void)orchestrator.dispatch_and_wait({.neuron = "greeter",
                                            .input = {{"prompt", rest}},
                                            .scope = cosmo::scope::terminal});
    else if (verb == "fail")
      (void)orchestrator.dispatch_and_wait({.neuron = "grump"});
    else if (verb == "flood")
      feed.flood(std::stoi(rest));
    else if (verb == "lose")
      feed.lose();
    std::cout << "done" << std::endl;
  }
}

// SPDX-License-Identifier: Apache-2.0
#include "bus_lab.hpp"

#include <cosmo/json.hpp>
#include <cosmo/net/wire_client.hpp>
#include <cosmo/net/wire_server.hpp>
#include <cosmo/net/wire_transport.hpp>
#include <cosmo/runtime.hpp>
#include <cosmo/served_effector.hpp>
#include <cosmo/served_engram.hpp>

#include <chrono>
#include <stdexcept>

namespace cosmo::test {

namespace {

template <class T>
T there(caf::expected<T> what) {
  if (!what)
    throw std::runtime_error{describe(what.error())};
  return std::move(*what);
}

void succeeded(const caf::error& why) {
  if (why)
    throw std::runtime_error{describe(why)};
}

json echo(const json& input, const json&) {
  return {{"heard", input}};
}

json fails(const json&, const json&) {
  throw std::runtime_error{"it is broken"};
}

json asks(const json& input, const json&) {
  if (const auto answer = input.find("clarification"); answer != input.end())
    return {{"told", *answer}};
  return {{"__clarification__", true}, {"question", "which one?"}};
}

json careful(const json& input, const json&) {
  if (const auto verdict = input.find("permission"); verdict != input.end())
    return {{"granted", verdict->at("granted")}};
  return {{"__permission__", true}, {"action", "delete it"}};
}

} // namespace

struct bus_lab::state {
  std::shared_ptr<net::wire_server> server
    = there(net::wire_server::open({.port = 0}));
  std::string url = server->url();
  std::shared_ptr<net::wire_client> client
    = there(net::wire_client::connect(url));
  std::unique_ptr<runtime> rt;
  uint64_t said = 0;
};

bus_lab::bus_lab() : state_(std::make_unique<state>()) {
  // nop
}

bus_lab::~bus_lab() = default;

const std::string& bus_lab::url() const noexcept {
  return state_->url;
}

void bus_lab::publish(std::string_view type, std::string_view frame,
                      std::string_view name_space) {
  std::string subject{"cosmonapse."};
  subject.append(name_space).append(".").append(type);
  succeeded(state_->client->publish(subject, frame));
}

void bus_lab::say(std::string_view type, std::string_view trace,
                  std::string_view who) {
  const json frame{{"v", "1"},
                   {"id", "evt_" + std::to_string(++state_->said)},
                   {"trace_id", trace},
                   {"type", type},
                   {"directed", {{"id", who}}},
                   {"ts", "2026-01-02T03:04:05.678Z"},
                   {"payload", {{"input", "x"}}},
                   {"meta", json::object()}};
  publish(type, frame.dump());
}

size_t bus_lab::subscriptions() const {
  return state_->server->stats().subscriptions;
}

void bus_lab::wait_for_subscriptions(size_t count) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  while (subscriptions() != count) {
    if (std::chrono::steady_clock::now() > end)
      throw std::runtime_error{"other subscriptions than expected"};
    // As good as a pause: the server has had a turn.
    succeeded(state_->client->flush());
  }
}

void bus_lab::stop() {
  state_->server->stop();
}

void bus_lab::restart() {
  const auto port = state_->server->port();
  stop();
  state_->server = there(net::wire_server::open({.port = port}));
  state_->client = there(net::wire_client::connect(url()));
}

void bus_lab::start_workers() {
  state_->rt = std::make_unique<runtime>();
  auto& rt = *state_->rt;
  rt.add_transport(net::wire_transport());
  auto worker = rt.dendrite(rt.connect(state_->url),
                            {.name_space = "dev",
                             .dendrite_id = "worker",
                             .role = role::worker,
                             .heartbeat = std::chrono::seconds{0}});
  there(worker.attach_axon(
    {.neuron_id = "echo", .neuron = echo, .capabilities = {"chat"}}));
  there(worker.attach_axon({.neuron_id = "fails", .neuron = fails}));
  there(worker.attach_axon({.neuron_id = "asks", .neuron = asks}));
  there(worker.attach_axon({.neuron_id = "careful", .neuron = careful}));
  there(worker.attach_engram(serve(engram_description{.engram_id = "notes"})));
  const auto calculator
    = serve(effector_description{.effector_id = "calculator"});
  calculator->on_tool_call("add", [](const json& args) { return args; });
  there(worker.attach_effector(calculator));
  succeeded(worker.start());
}

} // namespace cosmo::test

// SPDX-License-Identifier: Apache-2.0
#include "bed.hpp"

#include "ask.hpp"

#include <algorithm>
#include <iterator>

namespace cosmo::test {

bed::bed(uint64_t seed, size_t mailbox_max)
  : sim(seed, mailbox_max),
    bus(*sim.runtime().connect("memory:")),
    traffic_(std::make_shared<std::vector<signal>>()) {
  auto note
    = [traffic = traffic_](const signal& sig) { traffic->push_back(sig); };
  if (!bus.subscribe("cosmonapse.>", note))
    throw std::runtime_error{"nobody listens to the bus"};
}

dendrite bed::orchestrator(std::string id) {
  return sim.runtime().dendrite(bus, {.dendrite_id = std::move(id)});
}

dendrite bed::worker(std::string id) {
  return sim.runtime().dendrite(
    bus, {.dendrite_id = std::move(id), .role = role::worker});
}

dendrite bed::serving(axon what, std::string id) {
  auto result = worker(std::move(id));
  if (auto attached = result.attach_axon(std::move(what)); !attached)
    throw std::runtime_error{describe(attached.error())};
  if (auto err = result.start())
    throw std::runtime_error{describe(err)};
  return result;
}

dendrite bed::serving(std::string neuron_id, any_neuron neuron) {
  return serving(
    {{.neuron_id = std::move(neuron_id), .neuron = std::move(neuron)}});
}

std::vector<signal> bed::traffic(signal_type type) const {
  std::vector<signal> result;
  std::ranges::copy_if(
    *traffic_, std::back_inserter(result),
    [type](const signal& sig) { return sig.type() == type; });
  return result;
}

std::string bed::story(std::string_view trace_id) const {
  std::string result;
  for (auto& sig : *traffic_)
    if (sig.trace_id() == trace_id)
      result += (result.empty() ? "" : " ") + outcome_of(sig);
  return result;
}

caf::strong_actor_ptr bed::axon_actor_of(const dendrite& host,
                                         std::string neuron_id) {
  auto hdl = actors::ask<caf::strong_actor_ptr>(*sim.runtime().environment(),
                                                host.handle(), caf::get_atom_v,
                                                std::move(neuron_id));
  if (!hdl)
    throw std::runtime_error{describe(hdl.error())};
  return *hdl;
}

any_neuron echo() {
  return [](const json& input, const json&) { return json{{"echo", input}}; };
}

any_neuron held_neuron::neuron() const {
  return cosmo::neuron::async(
    [calls = calls_](const json& input, const json& context, neuron_io io,
                     neuron_promise done) {
      calls->push_back({input, context, std::move(io), std::move(done)});
    });
}

} // namespace cosmo::test

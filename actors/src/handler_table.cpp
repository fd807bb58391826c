// SPDX-License-Identifier: Apache-2.0
#include "handler_table.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace cosmo::actors {

namespace {

using capability_list = handler_table::capability_list;

/// Whom a Signal is about. A DISCOVER has no `directed`: it asks in its
/// payload.
std::string_view subject_neuron(const signal& sig) {
  if (auto discover = sig.get_if<payload::discover>())
    return discover->neuron ? std::string_view{*discover->neuron}
                            : std::string_view{};
  return sig.directed_id();
}

/// What a Signal itself asks for; nothing if it is for its Neuron to say.
std::optional<capability_list> requested(const signal& sig) {
  if (auto discover = sig.get_if<payload::discover>())
    return discover->capabilities.value_or(capability_list{});
  if (auto offer = sig.get_if<payload::task_offer>())
    return offer->capabilities;
  if (auto task = sig.get_if<payload::task>();
      task && sig.directed_id().empty())
    return task->capabilities;
  return std::nullopt;
}

bool lists(const capability_list& xs, const std::string& x) {
  return std::ranges::find(xs, x) != xs.end();
}

} // namespace

void handler_table::bucket::add(const handler_ptr& h) {
  auto& only = h->spec.only;
  auto& place = only.trace_id     ? by_trace[*only.trace_id]
                : only.neuron     ? by_neuron[*only.neuron]
                : only.capability ? by_capability[*only.capability]
                                  : unfiltered;
  place.push_back(h);
  ++count;
  active += h->spec.passive ? 0 : 1;
}

void handler_table::bucket::remove(const handler_ptr& h) {
  auto remove_at = [&](auto& index, const std::string& key) {
    auto i = index.find(key);
    std::erase(i->second, h);
    // Traces come and go; an empty place for each would add up.
    if (i->second.empty())
      index.erase(i);
  };
  auto& only = h->spec.only;
  if (only.trace_id)
    remove_at(by_trace, *only.trace_id);
  else if (only.neuron)
    remove_at(by_neuron, *only.neuron);
  else if (only.capability)
    remove_at(by_capability, *only.capability);
  else
    std::erase(unfiltered, h);
  --count;
  active -= h->spec.passive ? 0 : 1;
}

uint64_t handler_table::add(handler_spec spec) {
  auto number = next_number_++;
  auto h = std::make_shared<const handler>(handler{number, std::move(spec)});
  h->spec.types.for_each([&](signal_type type) { at(type).add(h); });
  all_.emplace(number, std::move(h));
  return number;
}

void handler_table::remove(uint64_t number) {
  auto i = all_.find(number);
  if (i == all_.end())
    return;
  auto h = std::move(i->second);
  all_.erase(i);
  h->spec.types.for_each([&](signal_type type) { at(type).remove(h); });
}

signal_type_set handler_table::types() const noexcept {
  signal_type_set result;
  types::all.for_each([&](signal_type type) {
    if (has(type))
      result.insert(type);
  });
  return result;
}

handler_table::selection handler_table::select(const signal& sig) const {
  selection result;
  auto& b = at(sig.type());
  auto neuron = subject_neuron(sig);
  auto asked_for = requested(sig);
  auto anything
    = asked_for && asked_for->empty() && sig.type() == signal_type::TASK_OFFER;
  auto consider = [&](const handlers& candidates) {
    for (auto& h : candidates) {
      auto& only = h->spec.only;
      if ((only.trace_id && *only.trace_id != sig.trace_id())
          || (only.neuron && *only.neuron != neuron))
        continue;
      if (!only.capability || anything
          || (asked_for && lists(*asked_for, *only.capability)))
        result.matched.push_back(h);
      else if (!asked_for && !neuron.empty())
        result.undecided.push_back(h);
    }
  };
  auto consider_at = [&](const auto& index, const std::string& key) {
    if (auto i = index.find(key); i != index.end())
      consider(i->second);
  };
  consider(b.unfiltered);
  if (!b.by_trace.empty())
    consider_at(b.by_trace, sig.trace_id());
  if (!b.by_neuron.empty() && !neuron.empty())
    consider_at(b.by_neuron, std::string{neuron});
  if (asked_for && !anything)
    for (auto& capability : *asked_for)
      consider_at(b.by_capability, capability);
  else
    for (auto& [capability, candidates] : b.by_capability)
      consider(candidates);
  // Places are in order, but not all of them together; and a capability that
  // is asked for twice is one request.
  auto number = [](const handler_ptr& h) { return h->number; };
  auto tidy = [&](handlers& xs) {
    std::ranges::sort(xs, {}, number);
    auto twice = std::ranges::unique(xs);
    xs.erase(twice.begin(), twice.end());
  };
  tidy(result.matched);
  tidy(result.undecided);
  return result;
}

bool handler_table::wants(const handler& h, const capability_list& offered) {
  return lists(offered, *h.spec.only.capability);
}

} // namespace cosmo::actors

// SPDX-License-Identifier: Apache-2.0
#include "unknown_neuron.hpp"
#include <cosmo/memory_registry_store.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

namespace cosmo {

caf::error memory_registry_store::connect() {
  return {};
}

void memory_registry_store::close() {
  const std::lock_guard guard{mutex_};
  records_.clear();
  places_.clear();
}

caf::error
memory_registry_store::apply(const std::vector<registry_write>& changes) {
  // Nothing can fail once all of them have been looked at.
  for (const auto& change : changes)
    if (auto err = validate(change))
      return err;
  const std::lock_guard guard{mutex_};
  for (const auto& change : changes)
    std::visit([this](const auto& x) { make(x); }, change);
  return {};
}

caf::expected<neuron_record>
memory_registry_store::get(const std::string& neuron_id) {
  const std::lock_guard guard{mutex_};
  if (const auto* record = find(neuron_id))
    return *record;
  return registry::unknown_neuron(neuron_id);
}

caf::expected<std::vector<neuron_record>>
memory_registry_store::list(const registry_filter& which) {
  std::vector<neuron_record> result;
  const std::lock_guard guard{mutex_};
  std::ranges::copy_if(records_, std::back_inserter(result), which);
  return result;
}

neuron_record* memory_registry_store::find(const std::string& neuron_id) {
  const auto i = places_.find(neuron_id);
  return i != places_.end() ? &records_[i->second] : nullptr;
}

void memory_registry_store::insert(neuron_record record) {
  places_.emplace(record.neuron_id, records_.size());
  records_.push_back(std::move(record));
}

void memory_registry_store::make(const neuron_record& change) {
  auto* known = find(change.neuron_id);
  if (!known) {
    insert(change);
    return;
  }
  const auto registered_at = known->registered_at;
  *known = change;
  known->registered_at = registered_at;
}

void memory_registry_store::make(const neuron_touch& change) {
  auto* known = find(change.neuron_id);
  if (!known) {
    insert({.neuron_id = change.neuron_id, .registered_at = change.now});
    known = &records_.back();
  }
  known->last_heartbeat = change.at;
  if (change.status && !change.status->empty())
    known->status = *change.status;
}

void memory_registry_store::make(const neuron_farewell& change) {
  if (auto* known = find(change.neuron_id))
    known->status = status_deregistered;
}

} // namespace cosmo

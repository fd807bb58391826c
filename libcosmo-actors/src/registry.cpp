// SPDX-License-Identifier: Apache-2.0
#include <cosmo/json.hpp>
#include <cosmo/registry.hpp>

#include <algorithm>
#include <utility>

namespace cosmo {

json to_json(const neuron_record& record) {
  json result = json::object();
  result["neuron_id"] = record.neuron_id;
  result["capabilities"] = record.capabilities;
  result["version"] = record.version ? json(*record.version) : json(nullptr);
  result["status"] = record.status;
  result["last_heartbeat"] = record.last_heartbeat
                               ? json(to_string(*record.last_heartbeat))
                               : json(nullptr);
  result["registered_at"] = to_string(record.registered_at);
  return result;
}

bool registry_filter::operator()(const neuron_record& record) const {
  if (!include_deregistered && !is_live(record))
    return false;
  if (seen_since && last_seen(record) < *seen_since)
    return false;
  return !capability
         || std::ranges::find(record.capabilities, *capability)
              != record.capabilities.end();
}

caf::error registry_store::upsert(neuron_record record) {
  return apply({std::move(record)});
}

caf::error registry_store::mark_deregistered(std::string neuron_id) {
  return apply({neuron_farewell{std::move(neuron_id)}});
}

caf::error registry_store::touch_heartbeat(std::string neuron_id, timestamp at,
                                           std::optional<std::string> status) {
  return apply({neuron_touch{std::move(neuron_id), at, std::move(status), at}});
}

} // namespace cosmo

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/registry.hpp>

#include <algorithm>
#include <chrono>
#include <ostream>
#include <string>
#include <vector>

namespace cosmo {

/// Lets checks print what they compare.
inline std::ostream& operator<<(std::ostream& out, const neuron_record& x) {
  out << '{' << x.neuron_id << " [";
  for (size_t i = 0; i < std::min<size_t>(x.capabilities.size(), 10); ++i)
    out << (i > 0 ? "," : "") << x.capabilities[i];
  out << "] " << x.version.value_or("-") << ' ' << x.status << ' ';
  if (x.last_heartbeat)
    out << to_string(*x.last_heartbeat);
  return out << " since " << to_string(x.registered_at) << '}';
}

} // namespace cosmo

namespace cosmo::test {

inline constexpr timestamp noon
  = std::chrono::sys_days{std::chrono::year{2026} / 1 / 2}
    + std::chrono::hours{12};

/// Some seconds after noon.
inline timestamp after(int seconds) {
  return noon + std::chrono::seconds{seconds};
}

inline neuron_record sample(std::string id) {
  return {.neuron_id = std::move(id),
          .capabilities = {"chat", "translate"},
          .version = "1.2.0",
          .last_heartbeat = after(1),
          .registered_at = noon};
}

inline std::vector<std::string>
ids_of(const caf::expected<std::vector<neuron_record>>& records) {
  std::vector<std::string> result;
  if (records)
    for (const auto& record : *records)
      result.push_back(record.neuron_id);
  else
    result.push_back(describe(records.error()));
  return result;
}

using ids = std::vector<std::string>;

} // namespace cosmo::test

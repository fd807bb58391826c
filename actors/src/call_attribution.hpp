// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/directed.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

namespace cosmo::actors {

/// How many calls may wait for Engrams at a time, and how many for Effectors.
constexpr size_t calls_max = 10'000;

/// On which trace a call is, and for how long. Refers to its options.
struct call_attribution {
  std::optional<std::string>& trace_id;
  std::optional<std::string>& parent_id;
  const std::optional<std::chrono::milliseconds>& deadline;
};

template <class Options>
call_attribution attribution_of(Options& options) {
  return {options.trace_id, options.parent_id, options.deadline};
}

/// Whom a call is for; nothing if it is for nobody.
inline std::optional<directed> address_of(const std::string& id,
                                          const std::string& kind) {
  if (id.empty() && kind.empty())
    return std::nullopt;
  directed result;
  if (!id.empty())
    result.id = id;
  if (!kind.empty())
    result.type = kind;
  return result;
}

} // namespace cosmo::actors

// SPDX-License-Identifier: Apache-2.0
#include "engram_core.hpp"

#include <cosmo/log.hpp>

namespace cosmo::registry {

namespace {

/// Whoever invents names without end is not worth more lines.
constexpr size_t warnings_max = 256;

constexpr size_t name_bytes_max = 100;

/// As JSON a name is printable whatever it holds.
std::string printable(std::string_view name) {
  if (name.size() > name_bytes_max)
    return "a name of " + std::to_string(name.size()) + " bytes";
  return json_to_wire(json(std::string{name}));
}

} // namespace

void engram_core::transact(const std::function<void()>& work) {
  const auto before = counts;
  try {
    storage.transact(work);
  } catch (...) {
    counts = before;
    throw;
  }
}

std::string engram_core::attempt(const std::function<void()>& work) {
  const auto before = counts;
  auto why = storage.attempt(work);
  if (!why.empty())
    counts = before;
  return why;
}

void engram_core::warn(std::string_view event, std::string_view name,
                       std::string_view text) {
  if (warnings.size() >= warnings_max
      || !warnings.insert(std::string{event} + ' ' + printable(name)).second)
    return;
  log::warning("engram", event,
               about.engram_id + ": " + printable(name) + ' '
                 + std::string{text});
}

} // namespace cosmo::registry

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/json.hpp>
#include <cosmo/signal.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

/// Reading members of a payload that may be anything: whatever is missing or
/// ill-typed counts as not given.
namespace cosmo::actors {

/// A member of a payload; null if there is none.
inline const json& member(const signal& sig, const char* name) {
  static const json nothing;
  auto& payload = sig.payload();
  auto i = payload.find(name);
  return i == payload.end() ? nothing : *i;
}

inline std::optional<std::string> text_at(const signal& sig, const char* name) {
  auto& value = member(sig, name);
  if (!value.is_string())
    return std::nullopt;
  return value.get<std::string>();
}

/// What is too large counts as the largest there is.
inline std::optional<int64_t> integer_at(const signal& sig, const char* name) {
  auto& value = member(sig, name);
  if (!value.is_number_integer())
    return std::nullopt;
  constexpr auto largest = std::numeric_limits<int64_t>::max();
  if (value.is_number_unsigned())
    return static_cast<int64_t>(
      std::min(value.get<uint64_t>(), static_cast<uint64_t>(largest)));
  return value.get<int64_t>();
}

} // namespace cosmo::actors

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <caf/inspector_access.hpp>
#include <caf/sec.hpp>
#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace cosmo {

/// JSON with object members in insertion order, as the wire requires.
/// @source signals.md section 2, E2
using json = nlohmann::ordered_json;

/// Whether a value counts as set: anything but `null`, `false`, `0`, `""`,
/// `[]` and `{}`.
/// @source neurons.md section 0.3
bool truthy(const json& value) noexcept;

/// The shared `{}` that stands for absent objects.
const json& empty_object() noexcept;

/// The shared `[]` that stands for absent arrays.
const json& empty_array() noexcept;

/// JSON as CAF carries it between nodes: its text, which is empty for what
/// cannot be written.
std::string json_to_wire(const json& value);

bool json_from_wire(std::string_view text, json& out);

} // namespace cosmo

namespace caf {

template <>
struct inspector_access<cosmo::json> : inspector_access_base<cosmo::json> {
  template <class Inspector>
  static bool apply(Inspector& f, cosmo::json& x) {
    if constexpr (Inspector::is_loading) {
      auto get = [&x] { return cosmo::json_to_wire(x); };
      auto set = [&x](const std::string& text) {
        return cosmo::json_from_wire(text, x);
      };
      return f.apply(get, set);
    } else {
      const auto text = cosmo::json_to_wire(x);
      if (text.empty())
        f.emplace_error(sec::invalid_argument, "JSON that cannot be written");
      return !text.empty() && f.apply(text);
    }
  }
};

} // namespace caf

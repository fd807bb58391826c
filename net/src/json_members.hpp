// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/json.hpp>

#include <string_view>

namespace cosmo::net {

/// The member if `value` is an object that has it and it is not null.
inline const json* present_member(const json& value, std::string_view key) {
  if (!value.is_object())
    return nullptr;
  auto found = value.find(key);
  return found != value.end() && !found->is_null() ? &*found : nullptr;
}

/// The first element if `value` is an array that has one.
inline const json* first_element(const json& value) {
  return value.is_array() && !value.empty() ? &value.front() : nullptr;
}

} // namespace cosmo::net

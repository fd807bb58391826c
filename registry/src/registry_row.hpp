// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/registry.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cosmo::registry {

/// A row of the table `neurons`, whose columns are all texts. A NULL is an
/// empty text where the difference does not matter.
struct registry_row {
  std::string neuron_id;
  std::string capabilities = {};
  std::optional<std::string> version = {};
  std::string status = {};
  std::string last_heartbeat = {};
  std::string registered_at = {};
};

/// Reads what any of the SDKs wrote.
/// @returns an error whose text says which column is wrong.
caf::expected<neuron_record> to_record(registry_row row);

/// `YYYY-MM-DDTHH:MM:SS[.ffffff]+00:00`, for older Pythons cannot read `Z`.
std::string instant_text(timestamp ts);

/// A compact JSON array.
/// @pre `validate` has nothing against them.
std::string capabilities_text(const std::vector<std::string>& capabilities);

} // namespace cosmo::registry

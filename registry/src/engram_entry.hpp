// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/engram_options.hpp>
#include <cosmo/json.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cosmo::registry {

/// What an IMPRINT says about an entry. @source engram.md 2.1
struct entry_draft {
  /// Empty: none is wanted.
  std::string id = {};
  json content = nullptr;
  std::vector<std::string> tags = {};
  json meta = json::object();
};

/// Reads `payload.entry`; null is an empty object, other members are left out.
/// @returns why it cannot be kept, empty if it can.
std::string read_entry(const json& entry, const engram_limits& limits,
                       entry_draft& out);

/// Why something of that size cannot be kept, empty if it can.
std::string check_size(const json& content,
                       const std::vector<std::string>& tags, const json& meta,
                       const engram_limits& limits);

/// Why a key cannot be kept, empty if it can.
std::string check_merge_key(const std::string& key,
                            const engram_limits& limits);

/// Whether an IMPRINT's entry may have such a member.
bool is_entry_key(std::string_view key) noexcept;

/// What a merge makes of two values. @source engram.md section 5
json deep_merge(const json& base, const json& change);

/// The old ones, then those that are new.
std::vector<std::string> union_of(const std::vector<std::string>& base,
                                  const std::vector<std::string>& change);

} // namespace cosmo::registry

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engram_storage.hpp"
#include <cosmo/engram_backend.hpp>
#include <cosmo/engram_options.hpp>

#include <functional>
#include <set>
#include <string>
#include <string_view>

namespace cosmo::registry {

/// What all parts of a stock Engram work with.
struct engram_core {
  engram_description about;
  engram_rules rules;
  engram_storage& storage;
  world outside;
  /// Of the backend, which outlives its storage.
  engram_journal_counts& counts;
  /// What was said already.
  std::set<std::string> warnings = {};

  timestamp now() const {
    return outside.clock->now();
  }

  /// As the storage does it; what was undone is not counted.
  void transact(const std::function<void()>& work);
  std::string attempt(const std::function<void()>& work);

  /// Says something about a name that came from outside, once.
  void warn(std::string_view event, std::string_view name,
            std::string_view text);
};

/// `<token>: <text>`, as receipts say why a write was refused.
/// @source errors.md section 2
inline std::string refusal(std::string_view token, std::string_view text) {
  return std::string{token} + ": " + std::string{text};
}

} // namespace cosmo::registry

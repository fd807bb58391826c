// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/error.hpp>

#include <cstdint>
#include <string_view>

namespace cosmo {

/// What a Dendrite may do. @source signals.md section 10, G2 to G4
enum class role : uint8_t {
  /// May dispatch and emit. The default.
  orchestrator,
  /// Serves TASKs; every public emit and dispatch is refused.
  worker,
};

std::string_view to_string(role value) noexcept;

/// @returns ec::bad_argument for any other text.
caf::expected<role> parse_role(std::string_view text);

/// What a Pathway delivers. @source dendrite.md section 13
enum class scope : uint8_t {
  /// Everything on the trace.
  all,
  /// FINAL, ERROR, CLARIFICATION and PERMISSION.
  terminal,
};

std::string_view to_string(scope value) noexcept;

/// @returns ec::bad_argument for any other text.
caf::expected<scope> parse_scope(std::string_view text);

} // namespace cosmo

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engram_core.hpp"
#include "engram_entry.hpp"
#include <cosmo/engram_backend.hpp>

#include <optional>
#include <string>

namespace cosmo::registry {

/// What a write would change.
struct engram_change {
  /// Why it is refused. Empty: it is not.
  std::string refused = {};
  /// The entry or tombstone as it was found.
  std::optional<engram_row> found = {};
  /// The entry as it will be, but for its `rev`. Absent: nothing changes.
  std::optional<engram_row> made = {};
};

/// Works out what a write would change; changes nothing.
/// @source engram.md section 5
engram_change work_out(engram_core& core, const imprint_request& what);

} // namespace cosmo::registry

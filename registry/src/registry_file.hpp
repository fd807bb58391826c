// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sqlite_fault.hpp"

#include <SQLiteCpp/Database.h>

#include <chrono>
#include <memory>

namespace cosmo::registry {

/// Opens the registry at `where`; a missing or empty file becomes one. A file
/// that is refused keeps its bytes.
/// @returns ec::store_foreign, store_too_new, store_corrupt or store_io; what
///          SQLite itself complains about is thrown.
caf::expected<std::unique_ptr<SQLite::Database>>
open_registry_file(const store_place& where,
                   std::chrono::milliseconds busy_timeout);

} // namespace cosmo::registry

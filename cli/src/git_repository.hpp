// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/error.hpp>

#include <filesystem>
#include <optional>

namespace cosmo::cli {

/// The git repository that a folder lies in, itself included.
std::optional<std::filesystem::path>
repository_around(const std::filesystem::path& folder);

/// Makes a folder a git repository. Needs the program `git`.
/// @returns ec::process_exited saying what is wrong.
caf::error start_repository(const std::filesystem::path& folder);

} // namespace cosmo::cli

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/error.hpp>

#include <filesystem>
#include <string_view>

namespace cosmo::cli {

/// Writes a file, in place of one that may be there.
/// @returns ec::store_io naming the path and what the system says.
caf::error write_text_file(const std::filesystem::path& path,
                           std::string_view text);

} // namespace cosmo::cli

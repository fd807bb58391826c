// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/error.hpp>

#include <string>
#include <string_view>

namespace cosmo::net {

/// Judges a base URL, to which a source appends its paths.
/// @returns ec::bad_config naming source and option.
caf::error check_endpoint(std::string_view source, std::string_view endpoint);

/// `url` without its trailing slashes, so that a path can follow.
std::string without_trailing_slashes(std::string url);

} // namespace cosmo::net

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/engram_backend.hpp>
#include <cosmo/error.hpp>

#include <string>
#include <vector>

namespace cosmo::registry {

/// What a stock Engram announces. @source engram.md section 11
engram_description about_engram(std::string id, std::string kind,
                                std::vector<std::string> capabilities,
                                std::vector<std::string> default_capabilities);

/// @returns ec::bad_config naming the first option that is out of its domain,
///          and its value.
caf::error validate(const engram_description& about);

} // namespace cosmo::registry

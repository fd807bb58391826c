// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/error.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// What a foreign text goes through before it becomes part of an error.
namespace cosmo::net {

/// Code points of a response body an error text quotes. @source neurons.md 9.5
inline constexpr size_t excerpt_code_points = 200;

/// The first code points of `bytes`; what is not UTF-8 becomes U+FFFD.
std::string excerpt(std::string_view bytes,
                    size_t code_points_max = excerpt_code_points);

/// All of `bytes`; what is not UTF-8 becomes U+FFFD.
std::string valid_text(std::string_view bytes);

/// Writes `***` for every occurrence of a secret. Mask before cutting: half a
/// key is no longer recognised.
std::string mask(std::string_view text,
                 const std::vector<std::string>& secrets);

/// The same error with a masked text; no error stays none.
caf::error mask(const caf::error& error,
                const std::vector<std::string>& secrets);

} // namespace cosmo::net

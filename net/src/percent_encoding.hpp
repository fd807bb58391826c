// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/error.hpp>
#include <cosmo/json.hpp>

#include <string>
#include <string_view>

namespace cosmo::net {

/// Writes all but the unreserved characters as `%XX`.   @source RFC 3986 2.3
std::string percent_encode(std::string_view text);

/// `{"k": ["a", "b"], "n": 1}` as `k=a&k=b&n=1`. Null is left out.
/// @returns ec::bad_argument, whose text completes "it ...", for anything but
///          an object of simple values and lists of them.
caf::expected<std::string> encode_form(const json& members);

} // namespace cosmo::net

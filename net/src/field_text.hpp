// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/net/http_client.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// What may stand in an HTTP head, whoever writes it.
/// @source RFC 9110 section 5
namespace cosmo::net {

/// A field above this does not fit into Beast's 16-bit offsets.
inline constexpr size_t field_bytes_max = 32 * 1024;

/// The value of a field, several ones joined by `, `; empty without one.
std::string joined_field(const std::vector<http_field>& fields,
                         std::string_view name);

/// Shorter values are words like `1` or `debug`, which make no key.
inline constexpr size_t secret_size_min = 8;

/// What no text may show of these fields: the values of those that identify the
/// caller, and of any other that is long enough for a key and no type of media.
std::vector<std::string> secrets_in(const std::vector<http_field>& fields);

/// Values of fields are not shown: one of them may be a key.
/// @returns ec::bad_argument.
caf::error validate_fields(const std::vector<http_field>& fields);

} // namespace cosmo::net

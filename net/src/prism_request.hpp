// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// What a browser asks of Prism.
namespace cosmo::net {

/// What follows the first `?`; empty without one.
std::string_view query_of(std::string_view target);

/// The first value of that name in a form-encoded query, decoded; empty without
/// one.
std::string query_value(std::string_view query, std::string_view name);

/// Writes a value of a form-encoded query: a blank becomes `+`.
std::string form_encoded(std::string_view value);

/// Whether a page of this origin may look at buses: one of this server, or no
/// page at all. Others would have their visitors' browsers open any bus.
/// @param origin the value of the `Origin` field, empty without one
bool is_own_origin(std::string_view origin, uint16_t port);

} // namespace cosmo::net

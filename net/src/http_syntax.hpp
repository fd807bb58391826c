// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/net/http_client.hpp>

#include <string>
#include <string_view>

/// Small words of HTTP. Case is that of ASCII alone.
/// @source RFC 9110 section 5.6
namespace cosmo::net {

std::string lower(std::string_view text);

std::string upper(std::string_view text);

bool iequals(std::string_view x, std::string_view y);

bool is_token(std::string_view text);

/// Whether `text` has no control characters, which could end the field.
bool is_field_value(std::string_view text);

/// What is wrong with a field that a user wants to send, or an empty text. The
/// fields that say where a message ends are for the client alone.
std::string_view field_complaint(const http_field& field);

} // namespace cosmo::net

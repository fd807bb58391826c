// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cosmo {

/// Finds the first byte that cannot be copied blindly between a JSON text and a
/// string: a quote, a backslash, a control character or a byte of a multi-byte
/// sequence.
/// @returns `end` when there is none.
const char* find_special(const char* first, const char* end) noexcept;

/// Length of the UTF-8 sequence at `first`, or 0 if it is not well-formed:
/// overlong, a surrogate, above U+10FFFF or cut short.
size_t utf8_length(const char* first, const char* end) noexcept;

/// A text for an error message: shortened, and printable on one line.
std::string excerpt(std::string_view text);

} // namespace cosmo

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace cosmo {

/// Whether a byte cannot be copied blindly between a JSON text and a string: a
/// quote, a backslash, a control character or a byte of a multi-byte sequence.
inline bool is_special(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte >= 0x80 || byte == '"' || byte == '\\';
}

/// How many of the eight bytes at `first` come before a special one.
inline size_t plain_of_eight(const char* first) noexcept {
  if constexpr (std::endian::native == std::endian::little) {
    // A byte's high bit ends up set when it is special. A borrow can only spoil
    // bytes above a true hit, and the lowest one counts.
    constexpr auto ones = uint64_t{0x0101010101010101};
    uint64_t word;
    std::memcpy(&word, first, sizeof(word));
    const auto quotes = word ^ (ones * '"');
    const auto slashes = word ^ (ones * '\\');
    const auto hits
      = (word | (word - ones * 0x20) | (quotes - ones) | (slashes - ones))
        & (ones * 0x80);
    return static_cast<size_t>(std::countr_zero(hits)) / 8;
  }
  size_t result = 0;
  while (result < 8 && !is_special(first[result]))
    ++result;
  return result;
}

/// Finds the first special byte.
/// @returns `end` when there is none.
inline const char* find_special(const char* first, const char* end) noexcept {
  while (end - first >= 8) {
    const auto plain = plain_of_eight(first);
    first += plain;
    if (plain < 8)
      return first;
  }
  while (first != end && !is_special(*first))
    ++first;
  return first;
}

/// Length of the UTF-8 sequence at `first`, or 0 if it is not well-formed:
/// overlong, a surrogate, above U+10FFFF or cut short.
size_t utf8_length(const char* first, const char* end) noexcept;

/// A text for an error message: shortened, and printable on one line.
std::string excerpt(std::string_view text);

} // namespace cosmo

// SPDX-License-Identifier: Apache-2.0
#include "columns.hpp"

#include <cosmo/text_scan.hpp>

#include <algorithm>

namespace cosmo::cli {

namespace {

bool begins_code_point(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
}

// Offset of the code point `n`, or the end.
size_t offset_of(std::string_view text, size_t n) {
  for (size_t i = 0; i < text.size(); ++i)
    if (begins_code_point(text[i]) && n-- == 0)
      return i;
  return text.size();
}

// U+0080 to U+009F: some terminals take U+009B for the start of a sequence.
bool is_c1_control(std::string_view sequence) {
  return sequence.size() == 2 && sequence[0] == '\xC2'
         && static_cast<unsigned char>(sequence[1]) < 0xA0;
}

bool is_printable(std::string_view sequence) {
  if (sequence.size() == 1)
    return sequence[0] >= 0x20 && sequence[0] != 0x7F;
  return !sequence.empty() && !is_c1_control(sequence);
}

} // namespace

std::string printable(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const auto length = utf8_length(text.data(), text.data() + text.size());
    const auto sequence = text.substr(0, length);
    if (is_printable(sequence))
      result += sequence;
    else
      result += '?';
    text.remove_prefix(std::max(length, size_t{1}));
  }
  return result;
}

size_t code_points(std::string_view text) {
  size_t result = 0;
  for (auto c : text)
    if (begins_code_point(c))
      ++result;
  return result;
}

std::string_view slice(std::string_view text, size_t first, size_t last) {
  const auto begin = offset_of(text, first);
  return text.substr(begin, offset_of(text, last) - begin);
}

std::string padded(std::string_view text, size_t width) {
  std::string result{text};
  const auto length = code_points(text);
  if (length < width)
    result.append(width - length, ' ');
  return result;
}

} // namespace cosmo::cli

// SPDX-License-Identifier: Apache-2.0
#include <cosmo/text_scan.hpp>

namespace cosmo {

namespace {

bool is_continuation(char byte) noexcept {
  return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

// The second byte carries the restrictions; see table 3-7 of the Unicode
// standard.
bool second_byte_fits(unsigned char lead, unsigned char second) noexcept {
  switch (lead) {
    case 0xE0:
      return second >= 0xA0 && second <= 0xBF;
    case 0xED:
      return second >= 0x80 && second <= 0x9F;
    case 0xF0:
      return second >= 0x90 && second <= 0xBF;
    case 0xF4:
      return second >= 0x80 && second <= 0x8F;
    default:
      return second >= 0x80 && second <= 0xBF;
  }
}

size_t length_by_lead(unsigned char lead) noexcept {
  if (lead < 0x80)
    return 1;
  if (lead >= 0xC2 && lead <= 0xDF)
    return 2;
  if (lead >= 0xE0 && lead <= 0xEF)
    return 3;
  if (lead >= 0xF0 && lead <= 0xF4)
    return 4;
  return 0;
}

} // namespace

size_t utf8_length(const char* first, const char* end) noexcept {
  if (first == end)
    return 0;
  const auto lead = static_cast<unsigned char>(*first);
  const auto length = length_by_lead(lead);
  if (length <= 1)
    return length;
  if (static_cast<size_t>(end - first) < length
      || !second_byte_fits(lead, static_cast<unsigned char>(first[1])))
    return 0;
  for (size_t i = 2; i < length; ++i)
    if (!is_continuation(first[i]))
      return 0;
  return length;
}

std::string excerpt(std::string_view text) {
  constexpr size_t bytes_max = 48;
  std::string result;
  auto pos = text.data();
  const auto end = text.data() + text.size();
  while (pos != end) {
    if (result.size() >= bytes_max)
      return result += "...";
    const auto length = utf8_length(pos, end);
    const auto printable = length > 1 || (length == 1 && *pos >= 0x20);
    if (printable)
      result.append(pos, length);
    else
      result += '?';
    pos += printable ? length : 1;
  }
  return result;
}

} // namespace cosmo

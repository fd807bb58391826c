// SPDX-License-Identifier: Apache-2.0
#include "quoted_text.hpp"

namespace cosmo::net {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

unsigned byte_at(std::string_view bytes, size_t pos) {
  return static_cast<unsigned char>(bytes[pos]);
}

/// One code point, or the longest piece that could have begun one.
struct piece {
  size_t size;
  bool valid;
};

/// The range of a sequence's second byte excludes overlong forms, surrogates
/// and what lies beyond U+10FFFF. @source Unicode standard, table 3-7
piece next_piece(std::string_view bytes) {
  auto first = byte_at(bytes, 0);
  if (first < 0x80)
    return {1, true};
  size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4)
    return {1, false};
  unsigned low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  unsigned high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  size_t size = 1;
  while (size < length && size < bytes.size()) {
    auto next = byte_at(bytes, size);
    if (next < low || next > high)
      break;
    low = 0x80;
    high = 0xBF;
    ++size;
  }
  return {size, size == length};
}

/// The longest secret at the beginning of `text`, so that a key which contains
/// another one does not leave its tail behind.
size_t secret_size(std::string_view text,
                   const std::vector<std::string>& secrets) {
  size_t result = 0;
  for (const auto& secret : secrets)
    if (secret.size() > result && text.starts_with(secret))
      result = secret.size();
  return result;
}

} // namespace

std::string excerpt(std::string_view bytes, size_t code_points_max) {
  std::string result;
  for (size_t n = 0; n < code_points_max && !bytes.empty(); ++n) {
    auto [size, valid] = next_piece(bytes);
    result += valid ? bytes.substr(0, size) : replacement;
    bytes.remove_prefix(size);
  }
  return result;
}

std::string valid_text(std::string_view bytes) {
  return excerpt(bytes, bytes.size());
}

std::string mask(std::string_view text,
                 const std::vector<std::string>& secrets) {
  std::string result;
  while (!text.empty()) {
    if (auto size = secret_size(text, secrets)) {
      result += "***";
      text.remove_prefix(size);
    } else {
      result += text.front();
      text.remove_prefix(1);
    }
  }
  return result;
}

caf::error mask(const caf::error& error,
                const std::vector<std::string>& secrets) {
  if (!error)
    return {};
  return make_error(static_cast<ec>(error.code()),
                    mask(message_of(error), secrets));
}

} // namespace cosmo::net

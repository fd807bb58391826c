// SPDX-License-Identifier: Apache-2.0
#include "wire_text.hpp"

#include <cosmo/text_scan.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>

namespace cosmo::net {

namespace {

constexpr std::string_view letters = "\"\\/bfnrt";
constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";

void append_unit(std::string& out, uint32_t unit) {
  constexpr std::string_view hex = "0123456789abcdef";
  out += "\\u";
  for (auto shift = 12; shift >= 0; shift -= 4)
    out += hex[(unit >> shift) & 15];
}

/// @pre the sequence is well-formed.
uint32_t code_point(const char* first, size_t length) {
  auto byte = [first](size_t i) {
    return static_cast<uint32_t>(static_cast<unsigned char>(first[i]));
  };
  auto result = byte(0) & (0xFFu >> (length + 1));
  for (size_t i = 1; i < length; ++i)
    result = (result << 6) | (byte(i) & 0x3F);
  return result;
}

void append_code_point_escaped(std::string& out, uint32_t code) {
  if (code < 0x10000)
    return append_unit(out, code);
  code -= 0x10000;
  append_unit(out, 0xD800 + (code >> 10));
  append_unit(out, 0xDC00 + (code & 0x3FF));
}

void append_code_point(std::string& out, uint32_t code) {
  auto tail = [&](int shift) {
    out += static_cast<char>(0x80 | ((code >> shift) & 0x3F));
  };
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | (code >> 6));
    tail(0);
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | (code >> 12));
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xF0 | (code >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

/// The four hexadecimal digits at the front of `raw`, which are taken off.
std::optional<uint32_t> take_unit(std::string_view& raw) {
  if (raw.size() < 4)
    return std::nullopt;
  uint32_t result = 0;
  for (auto c : raw.substr(0, 4)) {
    auto digit = c >= '0' && c <= '9'   ? c - '0'
                 : c >= 'a' && c <= 'f' ? c - 'a' + 10
                 : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                        : -1;
    if (digit < 0)
      return std::nullopt;
    result = result * 16 + static_cast<uint32_t>(digit);
  }
  raw.remove_prefix(4);
  return result;
}

/// What follows `\u`, the second half of a pair included.
bool unescape_unicode(std::string& out, std::string_view& raw) {
  auto first = take_unit(raw);
  if (!first || (*first >= 0xDC00 && *first < 0xE000))
    return false;
  if (*first < 0xD800 || *first >= 0xE000) {
    append_code_point(out, *first);
    return true;
  }
  if (!raw.starts_with("\\u"))
    return false;
  raw.remove_prefix(2);
  auto second = take_unit(raw);
  if (!second || *second < 0xDC00 || *second >= 0xE000)
    return false;
  append_code_point(out,
                    0x10000 + ((*first - 0xD800) << 10) + (*second - 0xDC00));
  return true;
}

/// What follows a backslash.
bool unescape(std::string& out, std::string_view& raw) {
  if (raw.empty())
    return false;
  auto letter = raw.front();
  raw.remove_prefix(1);
  if (letter == 'u')
    return unescape_unicode(out, raw);
  auto index = letters.find(letter);
  if (index == letters.npos)
    return false;
  out += meanings[index];
  return true;
}

/// Copies the front of `text` off it: printable ASCII, as nearly everything is,
/// and what `take_special` takes of the rest. It gets the text that is left and
/// where to write, at most two bytes for each that it takes.
template <class F>
void copy_usual(std::string& out, std::string_view& text, F take_special) {
  constexpr size_t piece = 256;
  char copy[2 * piece + 32];
  auto goes_on = true;
  while (goes_on && !text.empty()) {
    auto to = copy;
    while (goes_on && !text.empty() && to < copy + 2 * piece) {
      auto plain = text.size();
      if (plain >= 8) {
        // What is too much is written over.
        std::memcpy(to, text.data(), 8);
        plain = plain_of_eight(text.data());
      } else {
        auto first = text.data();
        plain = static_cast<size_t>(find_special(first, first + plain) - first);
        std::memcpy(to, first, plain);
      }
      to += plain;
      text.remove_prefix(plain);
      if (plain < 8 && !text.empty())
        goes_on = take_special(text, to);
    }
    out.append(copy, to);
  }
}

bool escape_usual(std::string_view& text, char*& to) {
  if (text.front() != '"' && text.front() != '\\')
    return false;
  *to++ = '\\';
  *to++ = text.front();
  text.remove_prefix(1);
  return true;
}

bool unescape_usual(std::string_view& raw, char*& to) {
  if (raw.size() < 2 || raw[0] != '\\' || (raw[1] != '"' && raw[1] != '\\'))
    return false;
  *to++ = raw[1];
  raw.remove_prefix(2);
  return true;
}

} // namespace

bool append_escaped(std::string& out, std::string_view text) {
  auto before = out.size();
  for (copy_usual(out, text, escape_usual); !text.empty();
       copy_usual(out, text, escape_usual)) {
    auto first = static_cast<unsigned char>(text.front());
    size_t length = 1;
    if (first >= 0x80) {
      length = utf8_length(text.data(), text.data() + text.size());
      if (length == 0) {
        out.resize(before);
        return false;
      }
      append_code_point_escaped(out, code_point(text.data(), length));
    } else if (auto index = meanings.find(text.front());
               index != meanings.npos) {
      out += '\\';
      out += letters[index];
    } else {
      append_unit(out, first);
    }
    text.remove_prefix(length);
  }
  return true;
}

bool append_unescaped(std::string& out, std::string_view raw) {
  auto before = out.size();
  for (copy_usual(out, raw, unescape_usual); !raw.empty();
       copy_usual(out, raw, unescape_usual)) {
    auto is_good = false;
    if (raw.front() == '\\') {
      raw.remove_prefix(1);
      is_good = unescape(out, raw);
    } else if (auto length = utf8_length(raw.data(), raw.data() + raw.size());
               length > 1) {
      out.append(raw.substr(0, length));
      raw.remove_prefix(length);
      is_good = true;
    }
    if (!is_good) {
      out.resize(before);
      return false;
    }
  }
  return true;
}

} // namespace cosmo::net

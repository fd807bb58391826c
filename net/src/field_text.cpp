// SPDX-License-Identifier: Apache-2.0
#include "field_text.hpp"

#include <algorithm>

namespace cosmo::net {

bool is_token(std::string_view text) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  auto is_token_char = [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z')
           || (c >= 'A' && c <= 'Z') || marks.find(c) != marks.npos;
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char);
}

bool is_field_value(std::string_view text) {
  auto is_control = [](char c) {
    auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f;
  };
  return std::none_of(text.begin(), text.end(), is_control);
}

bool iequals(std::string_view x, std::string_view y) {
  auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  return std::equal(x.begin(), x.end(), y.begin(), y.end(),
                    [&](char a, char b) { return lower(a) == lower(b); });
}

std::string joined_field(const std::vector<http_field>& fields,
                         std::string_view name) {
  std::string result;
  bool is_first = true;
  for (const auto& item : fields) {
    if (!iequals(item.name, name))
      continue;
    result += is_first ? "" : ", ";
    result += item.value;
    is_first = false;
  }
  return result;
}

caf::error validate_fields(const std::vector<http_field>& fields) {
  for (const auto& [name, value] : fields) {
    if (!is_token(name) || name.size() + value.size() > field_bytes_max)
      return make_error(ec::bad_argument, "an HTTP field name is no token, or "
                                          "the field is too long");
    if (!is_field_value(value))
      return make_error(ec::bad_argument,
                        "HTTP field " + name + " has a control character");
  }
  return {};
}

} // namespace cosmo::net

// SPDX-License-Identifier: Apache-2.0
#include "percent_encoding.hpp"

namespace cosmo::net {

namespace {

bool is_unreserved(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z')
         || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' || c == '_'
         || c == '~';
}

void append(std::string& out, const std::string& key, const json& value) {
  if (value.is_null())
    return;
  out.append(out.empty() ? "" : "&").append(percent_encode(key)).append("=");
  out += percent_encode(value.is_string() ? value.get<std::string>()
                                          : value.dump());
}

caf::error not_simple(const std::string& key) {
  return make_error(ec::bad_argument,
                    "holds '" + key
                      + "', which must be a simple value or a list of them");
}

} // namespace

std::string percent_encode(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string result;
  for (auto c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (is_unreserved(c))
      result += c;
    else
      result.append({'%', digits[byte >> 4], digits[byte & 15]});
  }
  return result;
}

caf::expected<std::string> encode_form(const json& members) {
  if (!members.is_object())
    return make_error(ec::bad_argument, "must be an object");
  std::string result;
  for (const auto& [key, value] : members.items()) {
    if (value.is_object())
      return not_simple(key);
    if (!value.is_array()) {
      append(result, key, value);
      continue;
    }
    for (const auto& item : value) {
      if (item.is_structured())
        return not_simple(key);
      append(result, key, item);
    }
  }
  return result;
}

} // namespace cosmo::net

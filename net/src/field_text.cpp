// SPDX-License-Identifier: Apache-2.0
#include "field_text.hpp"

#include "http_syntax.hpp"

namespace cosmo::net {

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

std::vector<std::string> secrets_in(const std::vector<http_field>& fields) {
  std::vector<std::string> result;
  for (const auto& [name, value] : fields) {
    auto is_known = iequals(name, "Authorization")
                    || iequals(name, "Proxy-Authorization")
                    || iequals(name, "Cookie") || iequals(name, "X-Api-Key");
    auto is_harmless = iequals(name, "Accept") || iequals(name, "Content-Type")
                       || iequals(name, "Accept-Language");
    if (value.empty() || is_harmless
        || (!is_known && value.size() < secret_size_min))
      continue;
    result.push_back(value);
    // The token alone, without its scheme.
    if (auto space = value.rfind(' '); is_known && space != value.npos)
      result.push_back(value.substr(space + 1));
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

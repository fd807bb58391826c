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

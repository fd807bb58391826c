// SPDX-License-Identifier: Apache-2.0
#include <cosmo/role.hpp>

#include <string>

namespace cosmo {

namespace {

template <class Enum>
caf::expected<Enum> parse(const char* what, std::string_view text, Enum one,
                          Enum other) {
  for (auto value : {one, other})
    if (text == to_string(value))
      return value;
  return make_error(ec::bad_argument, std::string{what} + " must be "
                                        + std::string{to_string(one)} + " or "
                                        + std::string{to_string(other)} + ": '"
                                        + std::string{text} + "'");
}

} // namespace

std::string_view to_string(role value) noexcept {
  return value == role::worker ? "worker" : "orchestrator";
}

caf::expected<role> parse_role(std::string_view text) {
  return parse("role", text, role::orchestrator, role::worker);
}

std::string_view to_string(scope value) noexcept {
  return value == scope::terminal ? "terminal" : "all";
}

caf::expected<scope> parse_scope(std::string_view text) {
  return parse("scope", text, scope::all, scope::terminal);
}

} // namespace cosmo

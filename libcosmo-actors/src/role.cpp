// SPDX-License-Identifier: Apache-2.0
#include <cosmo/role.hpp>

#include <string>

namespace cosmo {

std::string_view to_string(role value) noexcept {
  return value == role::worker ? "worker" : "orchestrator";
}

caf::expected<role> parse_role(std::string_view text) {
  if (text == "orchestrator")
    return role::orchestrator;
  if (text == "worker")
    return role::worker;
  return make_error(ec::bad_argument,
                    "role must be orchestrator or worker: '"
                      + std::string{text} + "'");
}

std::string_view to_string(scope value) noexcept {
  return value == scope::terminal ? "terminal" : "all";
}

caf::expected<scope> parse_scope(std::string_view text) {
  if (text == "all")
    return scope::all;
  if (text == "terminal")
    return scope::terminal;
  return make_error(ec::bad_argument, "scope must be all or terminal: '"
                                        + std::string{text} + "'");
}

} // namespace cosmo

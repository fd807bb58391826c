// SPDX-License-Identifier: Apache-2.0
#include "engram_about.hpp"

#include <cosmo/json.hpp>

#include <utility>

namespace cosmo::registry {

namespace {

caf::error check_name(std::string_view option, const std::string& value) {
  if (value.empty())
    return make_error(ec::bad_config,
                      std::string{option} + ": \"\" is no name");
  if (json_to_wire(json(value)).empty())
    return make_error(ec::bad_config,
                      std::string{option} + ": invalid Unicode is no name");
  return {};
}

} // namespace

engram_description about_engram(std::string id, std::string kind,
                                std::vector<std::string> capabilities,
                                std::vector<std::string> default_capabilities) {
  return {.engram_id = std::move(id),
          .engram_kind = std::move(kind),
          .capabilities = capabilities.empty() ? std::move(default_capabilities)
                                               : std::move(capabilities),
          .version = "0.0.1"};
}

caf::error validate(const engram_description& about) {
  if (auto err = check_name("engram_id", about.engram_id))
    return err;
  if (auto err = check_name("engram_kind", about.engram_kind))
    return err;
  for (const auto& capability : about.capabilities)
    if (auto err = check_name("capabilities", capability))
      return err;
  return {};
}

} // namespace cosmo::registry

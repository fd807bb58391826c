// SPDX-License-Identifier: Apache-2.0
#include "binding_check.hpp"
#include <cosmo/effector_call.hpp>

#include <algorithm>

namespace cosmo {

bool effector_binding::lists(std::string_view tool) const {
  if (tools.empty())
    return schema_of(tool) != nullptr;
  return std::ranges::find(tools, tool) != tools.end();
}

const tool_schema* effector_binding::schema_of(std::string_view tool) const {
  auto i = std::ranges::find(schemas, tool, &tool_schema::name);
  return i == schemas.end() ? nullptr : &*i;
}

caf::error check(const effector_binding& binding) {
  if (auto err = check_binding("Effector", "effector", binding))
    return err;
  for (auto& schema : binding.schemas)
    if (auto err = check(schema))
      return err;
  return {};
}

} // namespace cosmo

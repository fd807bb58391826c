// SPDX-License-Identifier: Apache-2.0
#include <cosmo/served_effector.hpp>

#include <utility>

namespace cosmo {

std::shared_ptr<served_effector> serve(effector_description what) {
  return std::make_shared<served_effector>(std::move(what));
}

served_effector& served_effector::on_tool_call(tool_function fn) {
  functions_.push_back(std::move(fn));
  return *this;
}

served_effector&
served_effector::on_tool_call(std::string tool,
                              std::function<json(const json& args)> fn) {
  return on_tool_call(
    [tool = std::move(tool), fn = std::move(fn)](
      const tool_request& call) -> std::optional<tool_outcome> {
      if (call.tool != tool)
        return std::nullopt;
      auto result = fn(call.args);
      if (result.is_null())
        return std::nullopt;
      return tool_outcome{.result = std::move(result)};
    });
}

bool served_effector::can_serve(const std::string&) {
  return !functions_.empty();
}

tool_outcome served_effector::invoke(const tool_request& call) {
  for (auto& fn : functions_)
    if (auto outcome = fn(call))
      return std::move(*outcome);
  return {.error = "unhandled tool '" + call.tool + "'"};
}

} // namespace cosmo

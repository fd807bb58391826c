// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/effector_backend.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cosmo {

/// An Effector made of functions.
///
/// Register functions before the Effector is served. They run off the
/// scheduler, several at a time.
/// @affinity one thread until served   @source neurons.md 17.3
class served_effector final : public effector_backend {
public:
  /// Answers a call; nothing lets the next one try. What it throws becomes the
  /// outcome's error.
  using tool_function
    = std::function<std::optional<tool_outcome>(const tool_request&)>;

  explicit served_effector(effector_description what) : what_(std::move(what)) {
    // nop
  }

  // -- functions: asked in order of registration, the first answer counts ------

  served_effector& on_tool_call(tool_function fn);

  /// Answers the calls of one tool with what it makes of their arguments; null
  /// lets the next one try.
  served_effector& on_tool_call(std::string tool,
                                std::function<json(const json& args)> fn);

  // -- effector_backend ---------------------------------------------------------

  const effector_description& describe() const noexcept override {
    return what_;
  }

  /// Whether there is a function at all.
  bool can_serve(const std::string& tool) override;

  tool_outcome invoke(const tool_request& call) override;

private:
  effector_description what_;
  std::vector<tool_function> functions_;
};

/// An Effector made of functions.
std::shared_ptr<served_effector> serve(effector_description what);

} // namespace cosmo

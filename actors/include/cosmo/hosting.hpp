// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/handler.hpp>

#include <functional>

namespace cosmo {

/// How what a Dendrite hosts reaches it. For Dendrites.
struct hosting_link {
  /// Something new was registered.
  std::function<void()> changed = {};
  std::function<void(refresh_event)> refresh = {};
};

} // namespace cosmo

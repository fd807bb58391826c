// SPDX-License-Identifier: Apache-2.0
#include <cosmo/effector_backend.hpp>

#include <algorithm>

namespace cosmo {

effector_backend::~effector_backend() = default;

caf::error effector_backend::connect() {
  return {};
}

void effector_backend::close() {
  // nop
}

bool effector_backend::can_serve(const std::string& tool) {
  auto& offered = describe().capabilities;
  return offered.empty() || std::ranges::find(offered, tool) != offered.end();
}

} // namespace cosmo

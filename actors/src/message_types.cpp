// SPDX-License-Identifier: Apache-2.0
#include <cosmo/axon.hpp>
#include <cosmo/dead_letters.hpp>
#include <cosmo/message_types.hpp>
#include <cosmo/runtime.hpp>

#include <caf/init_global_meta_objects.hpp>

#include <mutex>

namespace cosmo {

void init_message_types() {
  static std::once_flag once;
  std::call_once(once, [] {
    caf::init_global_meta_objects<caf::id_block::cosmo>();
    caf::core::init_global_meta_objects();
  });
}

} // namespace cosmo

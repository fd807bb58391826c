// SPDX-License-Identifier: Apache-2.0
#include <cosmo/log.hpp>

#include <caf/init_global_meta_objects.hpp>
#include <catch2/catch_session.hpp>

int main(int argc, char** argv) {
  // Errors carry their text in a CAF message, which needs its type table.
  caf::core::init_global_meta_objects();
  // Some tests provoke warnings; those that care listen themselves.
  cosmo::log::set_sink({});
  return Catch::Session().run(argc, argv);
}

// SPDX-License-Identifier: Apache-2.0
#include <caf/init_global_meta_objects.hpp>
#include <catch2/catch_session.hpp>

int main(int argc, char** argv) {
  // Ours see to it themselves, but errors of CAF's own inspectors have a text
  // only if its type table is there.
  caf::core::init_global_meta_objects();
  return Catch::Session().run(argc, argv);
}

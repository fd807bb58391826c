// SPDX-License-Identifier: Apache-2.0
#include <cosmo/log.hpp>

#include <catch2/catch_session.hpp>

int main(int argc, char** argv) {
  // Many tests provoke warnings; those that care listen themselves.
  cosmo::log::set_sink({});
  return Catch::Session().run(argc, argv);
}

// SPDX-License-Identifier: Apache-2.0
#include <cosmo/version.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>

using namespace cosmo;

TEST_CASE("the library knows the project's version", "[core][version]") {
  CHECK(version_text == COSMO_PROJECT_VERSION);
  auto put_together = std::to_string(version_major) + '.'
                      + std::to_string(version_minor) + '.'
                      + std::to_string(version_patch);
  CHECK(put_together == COSMO_PROJECT_VERSION);
}

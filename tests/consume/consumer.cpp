// SPDX-License-Identifier: Apache-2.0
// Another project's program, which knows nothing but the public headers.

#include <cosmo/error.hpp>
#include <cosmo/version.hpp>

static_assert(!cosmo::version_text.empty());

int main() {
  return 0;
}

// SPDX-License-Identifier: Apache-2.0
// Another project's program, which knows nothing but the public headers.

#include <cosmo/error.hpp>

int main() {
  return 0;
}

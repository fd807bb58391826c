// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "console.hpp"

#include <string>
#include <vector>

namespace cosmo::cli {

/// Prints rows below each other, each column as wide as its longest text.
/// @param rows the first one is the heading. All are of one length, and every
///             text is printable.
void print_table(const std::vector<std::vector<std::string>>& rows,
                 const console& con);

} // namespace cosmo::cli

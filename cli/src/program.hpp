// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "console.hpp"

#include <string>
#include <vector>

namespace cosmo::cli {

class command_line;

/// Adds everything that this build of the program knows.
void add_commands(command_line& line);

/// Runs the program once.
/// @param args what follows the program's name
/// @returns the exit code of the process
int run(std::vector<std::string> args, environment outside);

} // namespace cosmo::cli

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "completion_model.hpp"

#include <string>
#include <vector>

/// Scripts that complete command lines in a shell, without calling the program.
/// @source synapse-and-cli.md 9.12
namespace cosmo::cli {

std::string bash_completion(const std::vector<completion_command>& commands);

std::string zsh_completion(const std::vector<completion_command>& commands);

std::string fish_completion(const std::vector<completion_command>& commands);

} // namespace cosmo::cli

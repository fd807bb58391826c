// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace cosmo::cli {

/// What a shell has to know of an option or an argument.
struct completion_option {
  /// `--output`, `-o`; an argument has none.
  std::vector<std::string> names;
  std::string description;
  bool takes_value = false;
  /// All values, if they are known.
  std::vector<std::string> choices;
  bool takes_path = false;
};

/// What a shell has to know of a command.
struct completion_command {
  /// With those it is below: `cosmo synapse start`.
  std::string path;
  std::string name;
  std::string description;
  /// Names of the commands below it.
  std::vector<std::string> below;
  std::vector<completion_option> options;
  std::vector<completion_option> arguments;
};

/// All commands, `root` first and each before those below it.
std::vector<completion_command> completion_model(const CLI::App& root);

} // namespace cosmo::cli

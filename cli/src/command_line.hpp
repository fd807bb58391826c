// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "console.hpp"

#include <CLI/CLI.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cosmo::cli {

/// The commands of the program, and the reader of its command line. Its
/// commands, options and their values are known here alone: help and completion
/// are made from them.
class command_line {
public:
  /// What a command does, called once its whole line is understood. What it
  /// throws ends the program as a failure.
  using action = std::function<exit_code(const console&)>;

  command_line();

  command_line(const command_line&) = delete;
  command_line& operator=(const command_line&) = delete;

  CLI::App& root() noexcept {
    return root_;
  }

  /// Adds a command under a heading of the root help.
  CLI::App& add_command(std::string name, std::string description,
                        std::string heading);

  /// Says what a command does. One without an action has subcommands, and
  /// calls `require_subcommand(1)`.
  void on(CLI::App& command, action run);

  /// Reads the arguments, without the program's name, and does what they say.
  exit_code run(std::vector<std::string> args, const console& con);

private:
  // Nothing if the chosen action is to follow.
  std::optional<exit_code> parse(std::vector<std::string> args,
                                 const console& con);

  CLI::App root_;
  action chosen_;
};

/// Restricts an option to these values, case-sensitive. They are what its help
/// shows and completion offers.
CLI::Option* one_of(CLI::Option* option, const std::vector<std::string>& texts);

/// Restricts an option to the numbers from `low` to `high`.
CLI::Option* within(CLI::Option* option, double low, double high);

/// What an option is restricted to, as far as it is known; empty if it is not.
std::vector<std::string> choices_of(const CLI::Option& option);

/// The name of the values that are paths, which completion knows.
inline constexpr std::string_view path_value = "PATH";

/// The name of the values that are types of Signals, too many for a help.
inline constexpr std::string_view type_value = "TYPE";

} // namespace cosmo::cli

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "completion_model.hpp"

#include <string>
#include <string_view>
#include <vector>

/// Pieces that the completion scripts of all shells are made of.
namespace cosmo::cli {

/// One word to bash, zsh and fish, whatever is in `text`.
std::string shell_word(std::string_view text);

std::string joined(const std::vector<std::string>& words,
                   std::string_view between);

/// The paths of all commands but the root, as shell words.
std::vector<std::string>
command_words(const std::vector<completion_command>& commands);

/// `COMMAND OPTION` for each name of the option, as shell words.
std::vector<std::string> option_words(const completion_command& command,
                                      const completion_option& option);

/// The same for all options that take a path, or a text of which no shell knows
/// anything.
std::vector<std::string>
path_option_words(const std::vector<completion_command>& commands);

std::vector<std::string>
text_option_words(const std::vector<completion_command>& commands);

/// Whether an argument of the command is a path.
bool takes_path(const completion_command& command);

} // namespace cosmo::cli

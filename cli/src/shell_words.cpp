// SPDX-License-Identifier: Apache-2.0
#include "shell_words.hpp"

#include <algorithm>

namespace cosmo::cli {

namespace {

template <class Predicate>
std::vector<std::string>
words_of_options(const std::vector<completion_command>& commands,
                 Predicate holds) {
  std::vector<std::string> result;
  for (const auto& command : commands)
    for (const auto& option : command.options)
      if (holds(option)) {
        const auto words = option_words(command, option);
        result.insert(result.end(), words.begin(), words.end());
      }
  return result;
}

} // namespace

std::string shell_word(std::string_view text) {
  std::string result = "'";
  for (auto c : text) {
    if (c == '\'')
      result += "'\\''";
    else
      result += c;
  }
  return result += '\'';
}

std::string joined(const std::vector<std::string>& words,
                   std::string_view between) {
  std::string result;
  for (const auto& word : words) {
    if (!result.empty())
      result += between;
    result += word;
  }
  return result;
}

std::vector<std::string>
command_words(const std::vector<completion_command>& commands) {
  std::vector<std::string> result;
  for (size_t i = 1; i < commands.size(); ++i)
    result.push_back(shell_word(commands[i].path));
  return result;
}

std::vector<std::string> option_words(const completion_command& command,
                                      const completion_option& option) {
  std::vector<std::string> result;
  result.reserve(option.names.size());
  for (const auto& name : option.names)
    result.push_back(shell_word(command.path + ' ' + name));
  return result;
}

std::vector<std::string>
path_option_words(const std::vector<completion_command>& commands) {
  return words_of_options(commands, [](const completion_option& option) {
    return option.takes_path;
  });
}

std::vector<std::string>
text_option_words(const std::vector<completion_command>& commands) {
  return words_of_options(commands, [](const completion_option& option) {
    return option.takes_value && !option.takes_path && option.choices.empty();
  });
}

bool takes_path(const completion_command& command) {
  return std::any_of(
    command.arguments.begin(), command.arguments.end(),
    [](const completion_option& argument) { return argument.takes_path; });
}

} // namespace cosmo::cli

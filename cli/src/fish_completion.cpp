// SPDX-License-Identifier: Apache-2.0
#include "completion_script.hpp"
#include "shell_words.hpp"

namespace cosmo::cli {

namespace {

std::string behind(const completion_command& command) {
  return "complete -c cosmo -n "
         + shell_word("__cosmo_command_is '" + command.path + '\'');
}

std::string values(const completion_option& option) {
  if (!option.takes_value)
    return {};
  if (option.takes_path)
    return " -r -F";
  if (option.choices.empty())
    return " -x";
  return " -x -a " + shell_word(joined(option.choices, " "));
}

std::string names(const completion_option& option) {
  std::string result;
  for (const auto& name : option.names)
    result += name.starts_with("--") ? " -l " + name.substr(2)
                                     : " -s " + name.substr(1);
  return result;
}

std::string argument_line(const completion_command& command,
                          const completion_option& argument) {
  if (argument.takes_path)
    return behind(command) + " -F\n";
  if (argument.choices.empty())
    return {};
  return behind(command) + " -a " + shell_word(joined(argument.choices, " "))
         + " -d " + shell_word(argument.description) + '\n';
}

} // namespace

std::string fish_completion(const std::vector<completion_command>& commands) {
  std::string out = R"(function __cosmo_command_is
    set -l command cosmo
    for word in (commandline -opc)[2..-1]
        if contains -- "$command $word" )"
                    + joined(command_words(commands), " ") + R"(
            set command "$command $word"
        end
    end
    test "$command" = "$argv[1]"
end
complete -c cosmo -f
)";
  for (const auto& command : commands) {
    for (const auto& name : command.below)
      for (const auto& other : commands)
        if (other.path == command.path + ' ' + name)
          out += behind(command) + " -a " + name + " -d "
                 + shell_word(other.description) + '\n';
    for (const auto& argument : command.arguments)
      out += argument_line(command, argument);
    for (const auto& option : command.options)
      out += behind(command) + names(option) + values(option) + " -d "
             + shell_word(option.description) + '\n';
  }
  return out;
}

} // namespace cosmo::cli

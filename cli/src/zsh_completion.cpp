// SPDX-License-Identifier: Apache-2.0
#include "completion_script.hpp"
#include "shell_words.hpp"

namespace cosmo::cli {

namespace {

std::string arm(const std::vector<std::string>& labels,
                const std::string& body) {
  if (labels.empty())
    return {};
  return "  (" + joined(labels, "|") + ") " + body + "; return ;;\n";
}

std::string described(const std::string& name, const std::string& description) {
  return ' ' + shell_word(name + ':' + description);
}

// The commands and options behind a command, each with its description.
std::string arrays(const completion_command& command,
                   const std::vector<completion_command>& commands) {
  std::string below;
  for (const auto& other : commands)
    for (const auto& name : command.below)
      if (other.path == command.path + ' ' + name)
        below += described(name, other.description);
  for (const auto& argument : command.arguments)
    for (const auto& choice : argument.choices)
      below += described(choice, argument.description);
  std::string options;
  for (const auto& option : command.options)
    for (const auto& name : option.names)
      options += described(name, option.description);
  return "below=(" + below + " ) options=(" + options + " )";
}

} // namespace

std::string zsh_completion(const std::vector<completion_command>& commands) {
  std::string out = R"(#compdef cosmo
_cosmo() {
  local command=cosmo before=$words[CURRENT-1] i
  if [[ $PREFIX == --*=* ]]; then
    before=${PREFIX%%=*}
    compset -P '*='
  fi
  for ((i = 2; i < CURRENT; i++)); do
    case "$command $words[i]" in
    ()" + joined(command_words(commands), "|")
                    + R"() command+=" $words[i]" ;;
    esac
  done
  case "$command $before" in
)";
  for (const auto& command : commands)
    for (const auto& option : command.options)
      if (!option.choices.empty())
        out += arm(option_words(command, option),
                   "compadd -- " + joined(option.choices, " "));
  out += arm(path_option_words(commands), "_files");
  out += arm(text_option_words(commands), "_message value");
  out += "  esac\n  local -a below options\n  case $command in\n";
  for (const auto& command : commands)
    out += "  (" + shell_word(command.path) + ") "
           + (takes_path(command) ? "_files; " : "") + arrays(command, commands)
           + " ;;\n";
  out += R"(  esac
  _describe command below
  _describe -o option options
}
if [[ $funcstack[1] == _cosmo ]]; then
  _cosmo "$@"
else
  compdef _cosmo cosmo
fi
)";
  return out;
}

} // namespace cosmo::cli

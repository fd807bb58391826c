// SPDX-License-Identifier: Apache-2.0
#include "completion_script.hpp"
#include "shell_words.hpp"

namespace cosmo::cli {

namespace {

// Everything that may stand behind a command.
std::string words_behind(const completion_command& command) {
  auto words = command.below;
  for (const auto& argument : command.arguments)
    words.insert(words.end(), argument.choices.begin(), argument.choices.end());
  for (const auto& option : command.options)
    words.insert(words.end(), option.names.begin(), option.names.end());
  return shell_word(joined(words, " "));
}

std::string arm(const std::vector<std::string>& labels,
                const std::string& body) {
  if (labels.empty())
    return {};
  return "  " + joined(labels, " | ") + ")\n" + body + "    ;;\n";
}

} // namespace

std::string bash_completion(const std::vector<completion_command>& commands) {
  std::string out = R"(_cosmo() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
  # The = of --name=value is a word of its own here.
  if [[ $word == = ]]; then
    word=
  elif [[ $before == = ]]; then
    before=${COMP_WORDS[COMP_CWORD-2]}
  fi
  local command=cosmo i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$command ${COMP_WORDS[i]}" in
    )" + joined(command_words(commands), " | ")
                    + R"()
      command+=" ${COMP_WORDS[i]}"
      ;;
    esac
  done
  local words= paths=
  case "$command $before" in
)";
  for (const auto& command : commands)
    for (const auto& option : command.options)
      if (!option.choices.empty())
        out
          += arm(option_words(command, option),
                 "    words=" + shell_word(joined(option.choices, " ")) + '\n');
  out += arm(path_option_words(commands), "    paths=yes\n");
  out += arm(text_option_words(commands), "    return\n");
  out += "  *)\n    case $command in\n";
  for (const auto& command : commands)
    out += "    " + shell_word(command.path)
           + ") words=" + words_behind(command)
           + (takes_path(command) ? " paths=yes" : "") + " ;;\n";
  out += R"(    esac
    ;;
  esac
  mapfile -t COMPREPLY < <(
    compgen -W "$words" -- "$word"
    if [[ $paths ]]; then compgen -f -- "$word"; fi
  )
  if [[ $paths ]]; then compopt -o filenames 2>/dev/null; fi
}
complete -F _cosmo cosmo
)";
  return out;
}

} // namespace cosmo::cli

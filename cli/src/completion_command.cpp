// SPDX-License-Identifier: Apache-2.0
#include "commands.hpp"
#include "completion_script.hpp"

#include <memory>
#include <ostream>
#include <string>

namespace cosmo::cli {

namespace {

struct completion_options {
  std::string shell;
  bool without_hint = false;
};

struct shell_support {
  const char* name;
  const char* hint;
  std::string (*script)(const std::vector<completion_command>&);
};

constexpr shell_support shells[] = {
  {"bash",
   "# To install it:\n"
   "#   cosmo completion bash > "
   "~/.local/share/bash-completion/completions/cosmo\n",
   bash_completion},
  {"zsh",
   "# To install it, in ~/.zshrc behind compinit:\n"
   "#   source <(cosmo completion zsh)\n",
   zsh_completion},
  {"fish",
   "# To install it:\n"
   "#   cosmo completion fish > ~/.config/fish/completions/cosmo.fish\n",
   fish_completion},
};

exit_code print_script(const completion_options& options, const CLI::App& root,
                       const console& con) {
  for (const auto& shell : shells) {
    if (options.shell != shell.name)
      continue;
    if (!options.without_hint)
      con.out() << shell.hint;
    con.out() << shell.script(completion_model(root));
  }
  return exit_code::success;
}

} // namespace

void add_completion(command_line& line) {
  auto options = std::make_shared<completion_options>();
  auto& command = line.add_command(
    "completion", "Print a shell completion script", shell_commands);
  std::vector<std::string> names;
  for (const auto& shell : shells)
    names.emplace_back(shell.name);
  one_of(command.add_option("SHELL", options->shell, "Your shell"), names)
    ->required();
  command.add_flag("--no-hint", options->without_hint,
                   "Leave out how to install it");
  line.on(command, [options, &root = line.root()](const console& con) {
    return print_script(*options, root, con);
  });
}

} // namespace cosmo::cli

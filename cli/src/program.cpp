// SPDX-License-Identifier: Apache-2.0
#include "program.hpp"

#include "commands.hpp"
#include <cosmo/version.hpp>

#include <exception>
#include <utility>

namespace cosmo::cli {

void add_commands(command_line& line) {
  auto& root = line.root();
  root.description("cosmo: agents, the Signals between them, and their bus");
  root.set_version_flag("--version",
                        "cosmo, version " + std::string{version_text},
                        "Print the version");
  // In the order of the help.
  add_init(line);
  add_synapse(line);
  add_dispatch(line);
  add_answer(line);
  add_registry(line);
  add_validate(line);
  add_schema(line);
  add_doppler(line);
  add_prism(line);
  add_completion(line);
  // Last, for commands inherit it.
  root.footer("cosmo COMMAND --help says more about a command;\n"
              "cosmo init my-app makes a project to begin with.");
}

int run(std::vector<std::string> args, environment outside) {
  const console con{std::move(outside)};
  auto result = exit_code::failure;
  try {
    command_line line;
    add_commands(line);
    result = line.run(std::move(args), con);
  } catch (const std::exception& err) {
    con.fail(err.what());
  }
  return static_cast<int>(result);
}

} // namespace cosmo::cli

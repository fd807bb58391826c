// SPDX-License-Identifier: Apache-2.0
#include "commands.hpp"

namespace cosmo::cli {

void add_synapse(command_line& line) {
  auto& group
    = line.add_command("synapse", "Run, inspect and stop a bus", run_commands);
  group.require_subcommand(1);
  add_synapse_start(line, group);
  add_synapse_view(line, group);
  add_synapse_stop(line, group);
}

} // namespace cosmo::cli

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "command_line.hpp"

/// The commands, each in a file of its own name. Each of these functions adds
/// one.
namespace cosmo::cli {

/// The headings of the root help, in order.
inline constexpr const char* build_commands = "build";
inline constexpr const char* run_commands = "run";
inline constexpr const char* observe_commands = "observe";
inline constexpr const char* shell_commands = "shell";

void add_init(command_line& line);
void add_synapse(command_line& line);
void add_dispatch(command_line& line);
void add_answer(command_line& line);
void add_registry(command_line& line);
void add_validate(command_line& line);
void add_schema(command_line& line);
void add_doppler(command_line& line);
void add_prism(command_line& line);
void add_completion(command_line& line);

// Those below `synapse`.
void add_synapse_start(command_line& line, CLI::App& group);
void add_synapse_view(command_line& line, CLI::App& group);
void add_synapse_stop(command_line& line, CLI::App& group);

} // namespace cosmo::cli

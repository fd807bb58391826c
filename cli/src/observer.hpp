// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "console.hpp"

#include <CLI/CLI.hpp>

#include <cstdint>
#include <string>
#include <vector>

/// What `doppler` and `prism` do: look at a bus, and nothing else.
/// @source synapse-and-cli.md section 10
namespace cosmo::cli {

struct observation_options {
  std::string url;
  std::string name_space;
  /// Both in one, as older versions had it.
  std::string synapse;
  uint16_t port = 7071;
  std::vector<std::string> types;
  std::string trace;
  std::string neuron;
  bool is_json = false;
  bool shows_payload = false;
  bool asks_who_is_there = true;
  bool reconnects = false;
  bool opens_browser = true;
};

/// Adds the options, but for the choice between terminal and browser.
void add_observation_options(CLI::App& command, observation_options& options);

/// Puts the bus and namespace together from what was given.
/// @returns what is wrong with it, empty if nothing.
std::string settle(observation_options& options, bool needs_url);

/// Prints Signals until Ctrl-C or the end of the bus.
exit_code observe_in_terminal(const observation_options& options,
                              std::string_view command, const console& con);

/// Serves Prism until Ctrl-C.
exit_code observe_in_browser(const observation_options& options,
                             const console& con);

} // namespace cosmo::cli

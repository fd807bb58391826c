// SPDX-License-Identifier: Apache-2.0
#include "bus.hpp"
#include "commands.hpp"
#include "observer.hpp"

#include <memory>

namespace cosmo::cli {

namespace {

struct command_options : observation_options {
  bool in_browser = false;
  bool in_terminal = false;
};

exit_code observe(command_options options, bool in_browser,
                  std::string_view command, const console& con) {
  if (const auto wrong = settle(options, !in_browser); !wrong.empty())
    return con.refuse(wrong);
  if (const auto why = unreachable(options.url);
      !options.url.empty() && !why.empty())
    return con.fail(why);
  return in_browser ? observe_in_browser(options, con)
                    : observe_in_terminal(options, command, con);
}

} // namespace

void add_doppler(command_line& line) {
  auto options = std::make_shared<command_options>();
  auto& command = line.add_command(
    "doppler", "Watch a bus in the terminal, or in a browser",
    observe_commands);
  add_observation_options(command, *options);
  auto* browser
    = command.add_flag("--prism", options->in_browser, "Watch in a browser");
  command
    .add_flag("--tail", options->in_terminal,
              "Watch in the terminal, as is done without it")
    ->excludes(browser);
  line.on(command, [options](const console& con) {
    return observe(*options, options->in_browser, "doppler", con);
  });
}

void add_prism(command_line& line) {
  auto options = std::make_shared<command_options>();
  auto& command = line.add_command(
    "prism", "Watch a bus in a browser, or in the terminal", observe_commands);
  add_observation_options(command, *options);
  command.add_flag("--tail", options->in_terminal, "Watch in the terminal");
  command.add_flag("--prism", options->in_browser,
                   "Watch in a browser, as is done without it");
  line.on(command, [options](const console& con) {
    return observe(*options, !options->in_terminal, "prism", con);
  });
}

} // namespace cosmo::cli

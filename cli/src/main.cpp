// SPDX-License-Identifier: Apache-2.0
#include "interruptible_input.hpp"
#include "interrupts.hpp"
#include "program.hpp"
#include <cosmo/log.hpp>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iostream>
#include <unistd.h>

int main(int argc, char** argv) {
  // Who reads our output may go; then writing fails, as with a full disk.
  std::signal(SIGPIPE, SIG_IGN);
  std::ios::sync_with_stdio(false);
  // Commands say themselves what goes wrong, in one line, or ask for the log.
  cosmo::log::set_sink({});
  cosmo::cli::interruptible_input input{STDIN_FILENO};
  return cosmo::cli::run(
    {argv + (argc > 0 ? 1 : 0), argv + argc},
    {.in = input.stream(),
     .out = std::cout,
     .err = std::cerr,
     .folder = std::filesystem::path{},
     .out_is_terminal = isatty(STDOUT_FILENO) == 1,
     .variable = [](const std::string& name) -> std::string {
       const auto* value = std::getenv(name.c_str());
       return value != nullptr ? value : "";
     },
     .on_interrupt =
       [&input](const std::function<void()>& fn) {
         return cosmo::cli::on_interrupt([&input, fn] {
           fn();
           input.interrupt();
         });
       }});
}

// SPDX-License-Identifier: Apache-2.0
#include "interruptible_input.hpp"
#include "interruptible_output.hpp"
#include "interruption.hpp"
#include "interrupts.hpp"
#include "program.hpp"
#include <cosmo/log.hpp>

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <functional>
#include <iostream>
#include <unistd.h>

namespace {

/// A standard file that was closed when we began must not become some other
/// file of ours: what can neither be written nor has anything to read takes its
/// place.
void fill_standard_files() {
  auto file = 0;
  do
    file = open("/dev/null", O_RDONLY);
  while (file >= 0 && file <= STDERR_FILENO);
  if (file >= 0)
    close(file);
}

} // namespace

int main(int argc, char** argv) {
  fill_standard_files();
  // Who reads our output may go; then writing fails, as with a full disk.
  std::signal(SIGPIPE, SIG_IGN);
  // Commands say themselves what goes wrong, in one line, or ask for the log.
  cosmo::log::set_sink({});
  cosmo::cli::interruption over;
  cosmo::cli::interruptible_input input{STDIN_FILENO, over};
  cosmo::cli::interruptible_output output{STDOUT_FILENO, over};
  return cosmo::cli::run(
    {argv + (argc > 0 ? 1 : 0), argv + argc},
    {.in = input.stream(),
     .out = output.stream(),
     .err = std::cerr,
     .folder = std::filesystem::path{},
     .out_is_terminal = isatty(STDOUT_FILENO) == 1,
     .variable = [](const std::string& name) -> std::string {
       const auto* value = std::getenv(name.c_str());
       return value != nullptr ? value : "";
     },
     .on_interrupt =
       [&over](const std::function<void()>& fn) {
         return cosmo::cli::on_interrupt([&over, fn] {
           fn();
           over.raise();
         });
       }});
}

// SPDX-License-Identifier: Apache-2.0
#include "open_browser.hpp"

#include <spawn.h>

#include <fcntl.h>
#include <sys/wait.h>
#include <thread>

extern char** environ;

namespace cosmo::cli {

void open_browser(const std::string& url) {
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  for (auto descriptor : {0, 1, 2})
    posix_spawn_file_actions_addopen(&files, descriptor, "/dev/null", O_RDWR,
                                     0);
  std::string program = "xdg-open";
  auto argument = url;
  char* arguments[] = {program.data(), argument.data(), nullptr};
  pid_t child = 0;
  const auto failed = posix_spawnp(&child, program.c_str(), &files, nullptr,
                                   arguments, environ);
  posix_spawn_file_actions_destroy(&files);
  if (failed == 0)
    std::thread{[child] { waitpid(child, nullptr, 0); }}.detach();
}

} // namespace cosmo::cli

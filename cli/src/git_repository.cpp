// SPDX-License-Identifier: Apache-2.0
#include "git_repository.hpp"

#include <spawn.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace cosmo::cli {

namespace {

class file_actions {
public:
  file_actions() {
    posix_spawn_file_actions_init(&native_);
  }

  ~file_actions() {
    posix_spawn_file_actions_destroy(&native_);
  }

  file_actions(const file_actions&) = delete;
  file_actions& operator=(const file_actions&) = delete;

  void discard(int descriptor) {
    posix_spawn_file_actions_addopen(&native_, descriptor, "/dev/null", O_RDWR,
                                     0);
  }

  const posix_spawn_file_actions_t* native() const noexcept {
    return &native_;
  }

private:
  posix_spawn_file_actions_t native_;
};

/// The variables of this process but for those that speak of a repository.
std::vector<char*> neutral_variables() {
  std::vector<char*> result;
  for (auto** next = environ; *next != nullptr; ++next) {
    const std::string_view one{*next};
    if (!one.starts_with("GIT_DIR=") && !one.starts_with("GIT_WORK_TREE=")
        && !one.starts_with("GIT_COMMON_DIR=")
        && !one.starts_with("GIT_OBJECT_DIRECTORY=")
        && !one.starts_with("GIT_INDEX_FILE="))
      result.push_back(*next);
  }
  result.push_back(nullptr);
  return result;
}

} // namespace

std::optional<std::filesystem::path>
repository_around(const std::filesystem::path& folder) {
  std::error_code err;
  auto place = std::filesystem::weakly_canonical(folder, err);
  if (err)
    return {};
  for (;; place = place.parent_path()) {
    if (std::filesystem::exists(place / ".git", err))
      return place;
    if (place == place.parent_path())
      return {};
  }
}

caf::error start_repository(const std::filesystem::path& folder) {
  file_actions actions;
  for (auto descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    actions.discard(descriptor);
  std::string words[] = {"git", "init", "--quiet", "--", folder.string()};
  char* argv[] = {words[0].data(), words[1].data(), words[2].data(),
                  words[3].data(), words[4].data(), nullptr};
  auto variables = neutral_variables();
  pid_t child = 0;
  if (const auto err = posix_spawnp(&child, "git", actions.native(), nullptr,
                                    argv, variables.data());
      err != 0)
    return make_error(ec::process_exited,
                      std::string{"git: "} + std::strerror(err));
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR)
    ; // nop
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return make_error(ec::process_exited, "git init failed");
  return {};
}

} // namespace cosmo::cli

// SPDX-License-Identifier: Apache-2.0
#include "child.hpp"

#include "bench.hpp"

#include <spawn.h>

#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace bench {

child::child(std::vector<std::string> arguments) : name_(arguments.at(0)) {
  int to[2];
  int from[2];
  if (pipe2(to, O_CLOEXEC) != 0 || pipe2(from, O_CLOEXEC) != 0)
    throw std::runtime_error{"no pipes"};
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, to[0], 0);
  posix_spawn_file_actions_adddup2(&files, from[1], 1);
  std::vector<char*> texts;
  for (auto& argument : arguments)
    texts.push_back(argument.data());
  texts.push_back(nullptr);
  auto failed
    = posix_spawnp(&pid_, texts[0], &files, nullptr, texts.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  close(to[0]);
  close(from[1]);
  input_ = to[1];
  output_ = from[0];
  if (failed != 0)
    throw std::runtime_error{"cannot run " + name_};
}

child::~child() {
  close(input_);
  close(output_);
  for (auto i = 0; i < 100; ++i) {
    if (waitpid(pid_, nullptr, WNOHANG) != 0)
      return;
    usleep(10'000);
  }
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

std::string child::line() {
  size_t end = 0;
  while ((end = received_.find('\n')) == std::string::npos) {
    char bytes[4096];
    auto count = read(output_, bytes, sizeof(bytes));
    if (count <= 0)
      throw std::runtime_error{name_ + " has ended"};
    received_.append(bytes, static_cast<size_t>(count));
  }
  auto result = received_.substr(0, end);
  received_.erase(0, end + 1);
  return result;
}

void child::say(const std::string& line) {
  auto text = line + '\n';
  if (write(input_, text.data(), text.size())
      != static_cast<ssize_t>(text.size()))
    throw std::runtime_error{name_ + " does not listen"};
}

double child::resident_bytes() const {
  return bench::resident_bytes(std::to_string(pid_));
}

std::string sibling(const std::string& name) {
  auto self = std::filesystem::read_symlink("/proc/self/exe");
  return (self.parent_path() / name).string();
}

} // namespace bench

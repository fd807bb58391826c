// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <sys/types.h>
#include <vector>

namespace bench {

/// A program that runs beside this one, and talks in lines. Its end is asked
/// for by the end of its input; after a while it is killed.
class child {
public:
  /// @param arguments the program's path first.
  explicit child(std::vector<std::string> arguments);

  ~child();

  child(const child&) = delete;
  child& operator=(const child&) = delete;

  /// The next line of its output; throws when it has ended.
  std::string line();

  void say(const std::string& line);

  pid_t pid() const noexcept {
    return pid_;
  }

  /// What it occupies of the machine's memory.
  double resident_bytes() const;

private:
  pid_t pid_ = 0;
  int input_ = -1;
  int output_ = -1;
  std::string name_;
  std::string received_;
};

/// A program of this build, which lies beside this one.
std::string sibling(const std::string& name);

} // namespace bench

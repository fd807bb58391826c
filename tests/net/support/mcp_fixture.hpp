// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "child_process.hpp"

#include <filesystem>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>

namespace cosmo::net::test {

/// A folder of its own, removed in the end.
class temporary_folder {
public:
  temporary_folder();

  ~temporary_folder();

  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;

  std::string path(std::string_view name = {}) const {
    return (root_ / name).string();
  }

private:
  std::filesystem::path root_;
};

/// A script for the fixture server, which plays it step by step; see there.
/// `$DIR` is a folder of its own, with a FIFO called `go`.
class mcp_script {
public:
  explicit mcp_script(std::initializer_list<std::string> steps);

  /// The server with this script.
  child_options child() const;

  /// A file that the script may use.
  std::string file(std::string_view name) const {
    return folder_.path(name);
  }

  /// Lets the step `exit-once $DIR/go` happen.
  void go() const;

private:
  temporary_folder folder_;
};

/// The handshake, both sides of it, as one step of a script.
extern const std::string handshake;

/// The whole file, as soon as there is one; empty after ten seconds.
std::string wait_for_file(const std::string& path);

/// For what nobody tells us about. @returns whether it came true within ten
/// seconds.
bool wait_until(const std::function<bool()>& is_true);

/// Whether there is a process of that number that has not ended.
bool is_process(pid_t pid);

/// Waits until there is none. @returns false after ten seconds.
bool is_gone(pid_t pid);

} // namespace cosmo::net::test

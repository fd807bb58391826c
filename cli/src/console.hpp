// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "exit_code.hpp"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <iosfwd>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace cosmo::cli {

/// What a run of the program has of the world around it.
struct environment {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  /// Where relative paths begin.
  std::filesystem::path folder;
  /// Whether a person looks at `out`.
  bool out_is_terminal = false;
  /// The value of an environment variable, empty if it has none.
  std::function<std::string(const std::string& name)> variable;
  /// Calls a function, on another thread, when somebody wants the program to
  /// end while the result lives.
  std::function<std::shared_ptr<void>(std::function<void()>)> on_interrupt;
};

/// Where a command writes, and how: results go to `out`, what went wrong is one
/// line on `err`.
class console {
public:
  explicit console(environment outside);

  std::istream& in() const noexcept {
    return outside_.in;
  }

  std::ostream& out() const noexcept {
    return outside_.out;
  }

  /// The value of an environment variable, empty if it has none.
  std::string variable(const std::string& name) const {
    return outside_.variable(name);
  }

  /// Calls `fn`, on another thread, when somebody wants the program to end
  /// while the result lives.
  std::shared_ptr<void> on_interrupt(std::function<void()> fn) const {
    return outside_.on_interrupt(std::move(fn));
  }

  /// Writes an error line.
  /// @returns exit_code::failure, so that a command ends with it.
  exit_code fail(std::string_view text) const;

  /// Likewise for a command line that cannot be understood.
  exit_code refuse(std::string_view text) const;

  /// Says what a person should know, and goes on. @affinity any thread
  void warn(std::string_view text) const;

  /// Writes a line of the log beside the errors. @affinity any thread
  void log(std::string_view line) const;

  /// @param style parameters of the escape sequence, such as `1;31`.
  /// @returns `text` in that style if `out` shows colours.
  std::string paint(std::string_view style, std::string_view text) const;

  /// A horizontal line.
  std::string rule(size_t columns = 64) const;

  /// What a path on the command line names.
  std::filesystem::path resolve(const std::filesystem::path& given) const {
    return outside_.folder / given;
  }

private:
  environment outside_;
  mutable std::mutex err_mutex_;
  bool has_colour_;
  bool has_utf8_;
};

} // namespace cosmo::cli

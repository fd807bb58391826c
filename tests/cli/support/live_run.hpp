// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cosmo_run.hpp"

#include <future>
#include <memory>
#include <string>
#include <vector>

namespace cosmo::test {

/// A run of `cosmo` beside the test, which sees what it says while it goes on,
/// types, and interrupts it. Whatever waits throws when nothing comes.
class live_run {
public:
  explicit live_run(std::vector<std::string> args, cosmo_setup setup = {});

  /// Interrupts.
  ~live_run();

  live_run(const live_run&) = delete;
  live_run& operator=(const live_run&) = delete;

  /// Waits until the text is on standard output.
  /// @returns all of it so far.
  std::string wait_for(const std::string& text);

  /// As above, on standard error.
  std::string wait_for_error(const std::string& text);

  /// What follows the label on its line of standard output.
  std::string value_of(const std::string& label);

  void type(const std::string& line);

  /// Nothing more is typed.
  void end_input();

  /// Ctrl-C.
  void interrupt();

  /// Waits for the end.
  cosmo_outcome outcome();

private:
  struct streams;

  std::shared_ptr<streams> streams_;
  std::future<int> code_;
};

} // namespace cosmo::test

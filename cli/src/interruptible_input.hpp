// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <istream>
#include <streambuf>

namespace cosmo::cli {

/// What a person types, until it ends or somebody ends it: who waits for a line
/// need not wait for the person then.
class interruptible_input : private std::streambuf {
public:
  /// @param file is read, and stays open.
  explicit interruptible_input(int file);

  ~interruptible_input() override;

  interruptible_input(const interruptible_input&) = delete;
  interruptible_input& operator=(const interruptible_input&) = delete;

  std::istream& stream() noexcept {
    return stream_;
  }

  /// Ends the input. @affinity any thread
  void interrupt() noexcept;

private:
  int_type underflow() override;

  int file_;
  // Readable once interrupted.
  std::array<int, 2> pipe_{-1, -1};
  std::array<char, 4096> buffer_;
  std::istream stream_{this};
};

} // namespace cosmo::cli

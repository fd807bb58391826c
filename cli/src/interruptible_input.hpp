// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "interruption.hpp"

#include <array>
#include <istream>
#include <streambuf>

namespace cosmo::cli {

/// What a person types, until it ends or is interrupted: who waits for a line
/// need not wait for the person then.
class interruptible_input : private std::streambuf {
public:
  /// @param file is read, and stays open.
  interruptible_input(int file, const interruption& by) : file_(file), by_(by) {
    // nop
  }

  std::istream& stream() noexcept {
    return stream_;
  }

private:
  int_type underflow() override;

  int file_;
  const interruption& by_;
  std::array<char, 4096> buffer_;
  std::istream stream_{this};
};

} // namespace cosmo::cli

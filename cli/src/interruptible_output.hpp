// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "interruption.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <ostream>
#include <streambuf>

namespace cosmo::cli {

/// What a program prints. Whoever reads it may take their time, until an
/// interrupt: from then on the program waits for `grace` at most, and printing
/// fails.
class interruptible_output : private std::streambuf {
public:
  /// @param file is written, and stays open.
  interruptible_output(int file, const interruption& by,
                       std::chrono::milliseconds grace
                       = std::chrono::milliseconds{500});

  /// Writes what is left.
  ~interruptible_output() override;

  std::ostream& stream() noexcept {
    return stream_;
  }

private:
  int_type overflow(int_type c) override;

  int sync() override;

  bool write_all();

  bool has_room();

  int file_;
  const interruption& by_;
  std::chrono::milliseconds grace_;
  bool has_failed_ = false;
  std::array<char, 16 * 1024> buffer_;
  std::ostream stream_{this};
};

} // namespace cosmo::cli

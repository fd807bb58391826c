// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "console.hpp"
#include <cosmo/validate.hpp>

#include <cstddef>

namespace cosmo::cli {

/// Shows what a validator found, frame by frame, and adds it up.
/// @source signals.md 18.1
class frame_report {
public:
  frame_report(const console& con, bool shows_warnings)
    : con_(con), shows_warnings_(shows_warnings) {
    // nop
  }

  /// @param number the frame's, from 1: its line in a file.
  void add(size_t number, const validation& found);

  void print_totals() const;

  /// Single errors, not frames.
  size_t errors() const noexcept {
    return errors_;
  }

private:
  const console& con_;
  bool shows_warnings_;
  size_t signals_ = 0;
  size_t errors_ = 0;
  size_t warnings_ = 0;
};

} // namespace cosmo::cli

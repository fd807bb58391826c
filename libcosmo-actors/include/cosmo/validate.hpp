// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cosmo {

/// What is wrong with one frame. All of it: a validator does not stop at the
/// first fault as decode does.
struct validation {
  /// Violations of the protocol.
  std::vector<std::string> errors;
  /// What works but should not be sent.
  std::vector<std::string> warnings;
  /// `type` and `id` as far as they are texts, to name the frame by.
  std::string type;
  std::string id;

  bool ok() const noexcept {
    return errors.empty();
  }
};

/// Judges one frame by its structure alone, never its place in a trace.
/// @affinity any thread   @source signals.md section 18.1
validation validate_frame(std::string_view frame);

} // namespace cosmo

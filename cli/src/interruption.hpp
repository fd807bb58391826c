// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cerrno>

namespace cosmo::cli {

/// Somebody wants the program to end: those who wait for a file hear of it.
class interruption {
public:
  interruption();

  ~interruption();

  interruption(const interruption&) = delete;
  interruption& operator=(const interruption&) = delete;

  /// @affinity any thread
  void raise() noexcept;

  /// Readable once it was raised.
  int file() const noexcept {
    return pipe_[0];
  }

private:
  std::array<int, 2> pipe_{-1, -1};
};

/// Calls a function of the system until no signal comes between.
template <class Fn>
auto undisturbed(Fn fn) {
  for (;;)
    if (const auto result = fn(); result >= 0 || errno != EINTR)
      return result;
}

} // namespace cosmo::cli

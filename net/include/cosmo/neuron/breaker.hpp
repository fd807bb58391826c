// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>

namespace cosmo::neuron {

/// When a source stops asking a server that fails, and for how long.
///
/// After `failures` failed exchanges in a row every call fails at once with
/// ec::breaker_open. When `open_for` has passed, one call is let through: its
/// success, of a stream its first text, closes the breaker, its failure opens
/// it again. What counts as a failure is the server's fault: no answer, a
/// broken one, status 408, 429 and 5xx.
struct breaker_options {
  /// No breaker if 0.
  size_t failures = 0;
  std::chrono::duration<double> open_for{30};
};

} // namespace cosmo::neuron

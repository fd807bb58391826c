// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "call_outcome.hpp"
#include <cosmo/neuron/breaker.hpp>

#include <chrono>
#include <cstddef>
#include <optional>

namespace cosmo::net {

/// Keeps calls away from a server that fails. @source neuron/breaker.hpp
class circuit_breaker {
public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit circuit_breaker(const neuron::breaker_options& options)
    : options_(options) {
    // nop
  }

  /// Whether a call that would begin now must fail.
  bool refuses(time_point now) const;

  /// Notes a call that begins. Not while calls are refused.
  /// @returns whether it is the one that probes the server.
  bool begin();

  /// Notes that the probe is being answered, which closes the breaker. What
  /// comes of it in the end counts as of any other call.
  void confirm();

  /// Notes its end. While the breaker is open only the probe has a say: all
  /// others began before it opened.
  void end(time_point now, bool is_probe, call_outcome outcome);

private:
  neuron::breaker_options options_;
  size_t failures_ = 0;
  std::optional<time_point> open_until_;
  bool is_probing_ = false;
};

} // namespace cosmo::net

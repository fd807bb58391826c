// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "environment.hpp"
#include <cosmo/effector_backend.hpp>

#include <functional>
#include <memory>

namespace cosmo::actors {

class effector_line;

/// One's use of a backend, from its connect to its close. There is one at a
/// time: who comes next waits until the one before is over, also if that is
/// the use of an actor that has died, or of another runtime.
///
/// Held by the Effector's actor and by each call that runs. It is over when it
/// is closed, or when its last holder is gone: then a worker closes the
/// backend.
/// @affinity any thread   @source neurons.md 17.3
class effector_use {
public:
  effector_use(const effector_use&) = delete;
  effector_use& operator=(const effector_use&) = delete;
  ~effector_use();

  /// Whether all who came before are gone.
  bool has_turn() const;

  // -- on workers, and one after another ---------------------------------------

  /// Only when it has its turn. What the backend throws is ec::connect_failed.
  caf::error connect();

  /// Only when no call runs. Leaves the line.
  void close();

  // -- making one --------------------------------------------------------------

  /// Gets in line. `on_turn` is called, on any thread, unless it has its turn
  /// at once.
  static std::shared_ptr<effector_use> make(environment_ptr env,
                                            effector_backend_ptr backend,
                                            std::function<void()> on_turn);

private:
  explicit effector_use(effector_backend_ptr backend);

  std::shared_ptr<effector_line> line_;
  bool open_ = false;
};

using effector_use_ptr = std::shared_ptr<effector_use>;

} // namespace cosmo::actors

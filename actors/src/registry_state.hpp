// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/actors.hpp>

#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <vector>

namespace cosmo::actors {

/// Owns a registry store. Changes that wait at the same time are written
/// together; reads see every change that was sent before.
/// @source synapse-and-cli.md section 8.2
class registry_state {
public:
  static inline const char* name = "cosmo.registry";

  registry_state(registry_actor::pointer self, registry_store_ptr store);

  ~registry_state();

  registry_actor::behavior_type make_behavior();

private:
  using promise = caf::typed_response_promise<void>;

  caf::result<void> put(registry_write what);
  void flush();

  registry_actor::pointer self_;
  registry_store_ptr store_;
  std::vector<registry_write> changes_;
  /// Who waits for each of them.
  std::vector<promise> answers_;
};

registry_actor spawn_registry(caf::actor_system& sys, registry_store_ptr store,
                              bool own_thread);

} // namespace cosmo::actors

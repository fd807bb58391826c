// SPDX-License-Identifier: Apache-2.0
#include "worker_state.hpp"

#include <cosmo/caf_compat.hpp>
#include <cosmo/log.hpp>

#include <caf/typed_event_based_actor.hpp>

#include <exception>
#include <system_error>

namespace cosmo::actors {

namespace {

struct worker_state {
  static inline const char* name = "cosmo.worker";

  worker_actor::behavior_type make_behavior() {
    return {[](run_atom, const blocking_job& job) { call_guarded(job.run); }};
  }
};

} // namespace

void call_guarded(const std::function<void()>& fn) noexcept {
  try {
    fn();
  } catch (const std::exception& err) {
    log::error("worker", "callback-threw", err.what());
  } catch (...) {
    log::error("worker", "callback-threw", "not a std::exception");
  }
}

worker_actor spawn_worker(caf::actor_system& sys, bool own_thread) {
  using impl = caf::stateful_actor<worker_state, worker_actor::base>;
  if (own_thread) {
    try {
      return sys.spawn<impl, caf::detached>();
    } catch (const std::system_error& err) {
      // Better to hold up a scheduler thread than to lose work.
      log::error("worker", "no-thread", err.what());
    }
  }
  return sys.spawn<impl>();
}

} // namespace cosmo::actors

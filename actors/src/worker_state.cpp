// SPDX-License-Identifier: Apache-2.0
#include "worker_state.hpp"

#include <cosmo/caf_compat.hpp>
#include <cosmo/log.hpp>

#include <caf/typed_event_based_actor.hpp>

#include <exception>

namespace cosmo::actors {

namespace {

struct worker_state {
  static inline const char* name = "cosmo.worker";

  worker_actor::behavior_type make_behavior() {
    return {[](run_atom, const blocking_job& job) { run(job); }};
  }

  static void run(const blocking_job& job) {
    try {
      job.run();
    } catch (const std::exception& err) {
      log::error("worker", "callback-threw", err.what());
    } catch (...) {
      log::error("worker", "callback-threw", "not a std::exception");
    }
  }
};

} // namespace

worker_actor spawn_worker(const environment& env) {
  using impl = caf::stateful_actor<worker_state, worker_actor::base>;
  if (!env.cooperative())
    return env.system().spawn<impl, caf::detached>();
  return env.system().spawn<impl>();
}

} // namespace cosmo::actors

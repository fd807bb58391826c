// SPDX-License-Identifier: Apache-2.0
#include "run_on_worker.hpp"

#include "worker_state.hpp"
#include <cosmo/log.hpp>

#include <caf/send.hpp>

#include <exception>
#include <utility>

namespace cosmo::actors {

void run_on_worker(const environment_ptr& env,
                   std::function<void()> fn) noexcept {
  worker_actor worker;
  call_guarded([&] { worker = env->take_worker(); });
  if (!worker)
    // Better to hold up a scheduler thread than to lose work.
    return call_guarded(fn);
  caf::anon_send(worker, run_atom_v,
                 blocking_job{[env, worker, fn = std::move(fn)] {
                   call_guarded(fn);
                   env->give_back(worker);
                 }});
}

} // namespace cosmo::actors

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/actors.hpp>

#include <caf/fwd.hpp>

#include <functional>

namespace cosmo::actors {

/// Calls user code; what it throws is logged.
void call_guarded(const std::function<void()>& fn) noexcept;

/// Makes a worker: on a thread of its own, or on the scheduler. It ends when
/// its last handle is gone.
worker_actor spawn_worker(caf::actor_system& sys, bool own_thread);

} // namespace cosmo::actors

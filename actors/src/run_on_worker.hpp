// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "environment.hpp"

#include <functional>

namespace cosmo::actors {

/// Runs code that may block and that nobody waits for, also from a destructor:
/// on a worker, or here and now if there is none. What it throws is logged.
/// @affinity any thread of the actor system
void run_on_worker(const environment_ptr& env,
                   std::function<void()> fn) noexcept;

} // namespace cosmo::actors

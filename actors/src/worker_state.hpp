// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "environment.hpp"

namespace cosmo::actors {

/// Makes a worker: on a thread of its own, or cooperative in a deterministic
/// world. It ends when its last handle is gone.
worker_actor spawn_worker(const environment& env);

} // namespace cosmo::actors

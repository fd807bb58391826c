// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

namespace cosmo::cli {

/// Calls `fn`, on a thread of its own, each time the process is asked to end by
/// SIGINT or SIGTERM, as long as the result lives.
std::shared_ptr<void> on_interrupt(std::function<void()> fn);

} // namespace cosmo::cli

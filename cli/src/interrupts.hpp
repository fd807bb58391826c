// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

namespace cosmo::cli {

/// Calls `fn`, on a thread of its own, when the process is asked to end by
/// SIGINT or SIGTERM while the result lives. Asked a second time, the process
/// ends at once.
std::shared_ptr<void> on_interrupt(std::function<void()> fn);

} // namespace cosmo::cli

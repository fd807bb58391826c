// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/effector_backend.hpp>
#include <cosmo/signal.hpp>

namespace cosmo::actors {

/// Reads as much of a TOOL_CALL as there is: whatever is missing or ill-typed
/// counts as not given. A call by `tool_name` is one by `tool`.
tool_request read_tool_call(const signal& sig);

/// The same for a TOOL_RESULT.
tool_outcome read_tool_result(const signal& sig);

/// What an Effector says about a call; `result` is left out when it is null,
/// and when there is an error.
payload::tool_result to_payload(const tool_outcome& outcome);

} // namespace cosmo::actors

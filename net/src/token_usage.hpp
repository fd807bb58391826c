// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/json.hpp>

#include <cstdint>

namespace cosmo::net {

/// The tokens of prompt and answer together, as the reply of any provider
/// counts them; 0 where it does not.
/// @shape {"usage": {"total_tokens"}}, {"usage": {"prompt_tokens",
///        "completion_tokens"}}, {"usage": {"input_tokens", "output_tokens"}}
///        or {"prompt_eval_count", "eval_count"}
uint64_t tokens_in(const json& reply);

} // namespace cosmo::net

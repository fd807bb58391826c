// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "call_gate.hpp"

namespace cosmo::net {

/// The limits among a source's options. Only language models count tokens.
template <class Options>
call_limits limits_of(const Options& options) {
  call_limits result{.max_concurrency = options.max_concurrency,
                     .requests_per_minute = options.requests_per_minute,
                     .breaker = options.breaker};
  if constexpr (requires { options.tokens_per_minute; })
    result.tokens_per_minute = options.tokens_per_minute;
  return result;
}

} // namespace cosmo::net

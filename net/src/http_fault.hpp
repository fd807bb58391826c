// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "url.hpp"
#include <cosmo/error.hpp>
#include <cosmo/net/http_client.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace cosmo::net {

/// What can go wrong between the first look at a URL and the last byte.
enum class http_fault_kind {
  unresolved,
  unreachable,
  tls,
  lost,
  malformed,
  encoding,
  too_large,
  timed_out,
  cancelled,
};

/// A failed step, in words of its own layer.
struct http_fault {
  http_fault_kind kind;
  /// Why; for `encoding` the encoding. Empty where the kind says it all.
  std::string reason = {};
};

/// Puts a fault into the words users see: the one place that knows the pinned
/// texts. @source neurons.md 9.5, spec/README.md item 17
caf::error to_error(const http_fault& fault, const http_request& request,
                    const http_origin& origin);

/// A duration in seconds without trailing zeros: `0.2`, `120`.
std::string format_seconds(std::chrono::duration<double> time);

} // namespace cosmo::net

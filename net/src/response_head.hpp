// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/net/http_server.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace cosmo::net {

/// How the end of a response's body is told.
struct body_framing {
  /// Absent: the length is not known yet.
  std::optional<size_t> length = {};
  /// Whether pieces of unknown length come as chunks; else the body ends with
  /// the connection.
  bool is_chunked = false;
  bool is_kept_alive = false;
};

/// Whether a response of this status may have a body. @source RFC 9110 6.4.1
bool has_body(unsigned status) noexcept;

/// @returns ec::bad_argument unless it is a final status with good fields.
caf::error validate_head(const http_response& response);

/// Status line and fields, up to the empty line. Fields that frame the body are
/// written from `framing` alone.   @pre `validate_head` has nothing to say
std::string render_head(const http_response& response,
                        const body_framing& framing);

/// One piece of a chunked body.   @pre not empty
std::string chunk(std::string_view bytes);

/// The response to what went wrong: {"error": <text>}.
http_response fault_response(unsigned status, std::string_view text);

} // namespace cosmo::net

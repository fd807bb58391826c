// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/error.hpp>

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace cosmo::net {

/// Who is talked to. A connection is shared between equal origins only.
struct http_origin {
  bool tls = false;
  /// Lower case; an IPv6 literal stands without its brackets.
  std::string host;
  uint16_t port = 0;
  /// An address is neither resolved nor sent as SNI.
  bool is_ip = false;

  auto operator<=>(const http_origin&) const = default;
};

/// `host:port` as error texts show it, IPv6 in brackets.
std::string to_string(const http_origin& origin);

/// The value of the `Host` field: without the scheme's own port.
std::string host_field(const http_origin& origin);

struct url {
  http_origin origin;
  /// Path and query as they stand in the request line, `/` at least.
  std::string target;
};

/// Takes an absolute http or https URL apart.
///
/// User information is refused because it would end in error texts and logs,
/// a fragment because no server ever sees it.
/// @returns ec::bad_argument, whose text quotes `text` unless that holds user
///          information.   @source RFC 3986 section 3, neurons.md 9.3
caf::expected<url> parse_url(std::string_view text);

/// `%2F` becomes `/`, and so on; what is no such triple stays as it is.
std::string percent_decoded(std::string_view text);

} // namespace cosmo::net

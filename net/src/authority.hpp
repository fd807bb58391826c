// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cosmo::net {

/// The `host[:port]` of a URL.
struct url_authority {
  /// Lower case, an IPv6 literal without its brackets; may be empty.
  std::string host;
  bool is_ip = false;
  /// What stands behind the colon; absent without one.
  std::optional<std::string_view> port;
};

/// @returns none if the host is none.
std::optional<url_authority> parse_authority(std::string_view text);

/// The scheme or host in lower case.
std::string lower_case(std::string_view text);

} // namespace cosmo::net

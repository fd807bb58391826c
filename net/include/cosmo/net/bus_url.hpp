// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/error.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cosmo::net {

/// Where the server of a `cosmo://` bus is unless a URL says otherwise.
inline constexpr std::string_view wire_host_default = "127.0.0.1";
inline constexpr uint16_t wire_port_default = 7070;

/// The URL of a bus, `cosmo://127.0.0.1:7070` for example.
struct bus_url {
  /// Lower case.
  std::string scheme;
  /// Lower case, an IPv6 literal without its brackets. Empty if not given.
  std::string host;
  /// Absent if not given, also for `host:`.
  std::optional<uint16_t> port;
  /// Without its leading slashes. The command line takes it for a namespace.
  std::string path;
};

/// Takes the URL of a bus apart, of whatever scheme. User information, query
/// and fragment are left out.
/// @returns ec::bad_argument naming the text and what is wrong with it.
/// @source synapse-and-cli.md section 4
caf::expected<bus_url> parse_bus_url(std::string_view text);

} // namespace cosmo::net

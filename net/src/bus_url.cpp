// SPDX-License-Identifier: Apache-2.0
#include "authority.hpp"
#include "quoted_text.hpp"
#include <cosmo/net/bus_url.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

namespace cosmo::net {

namespace {

caf::error refuse(std::string_view text, const std::string& why) {
  return make_error(ec::bad_argument, "'" + excerpt(text) + "' " + why);
}

} // namespace

caf::expected<bus_url> parse_bus_url(std::string_view text) {
  auto colon = text.find("://");
  if (colon == text.npos)
    return refuse(text, "is no URL of a bus: one is "
                        "cosmo://127.0.0.1:7070, for example");
  bus_url result;
  result.scheme = lower_case(text.substr(0, colon));
  auto rest = text.substr(colon + 3);
  rest = rest.substr(0, rest.find_first_of("?#"));
  auto slash = std::min(rest.find('/'), rest.size());
  auto authority = rest.substr(0, slash);
  auto path = rest.substr(slash);
  path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
  result.path = path;
  if (auto at = authority.rfind('@'); at != authority.npos)
    authority.remove_prefix(at + 1);
  auto parts = parse_authority(authority);
  if (!parts)
    return refuse(text, "has no valid host");
  result.host = std::move(parts->host);
  if (!parts->port || parts->port->empty())
    return result;
  auto last = parts->port->data() + parts->port->size();
  auto [end, error]
    = std::from_chars(parts->port->data(), last, result.port.emplace());
  if (error != std::errc{} || end != last)
    return refuse(text, "has no valid port: expected 0 to 65535");
  return result;
}

} // namespace cosmo::net

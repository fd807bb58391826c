// SPDX-License-Identifier: Apache-2.0
#include "endpoint.hpp"

#include "source_options.hpp"
#include "url.hpp"

namespace cosmo::net {

caf::error check_endpoint(std::string_view source, std::string_view endpoint) {
  auto target = parse_url(endpoint);
  if (!target)
    return bad_option(source, "endpoint",
                      "is no base URL: " + message_of(target.error()));
  // A path is appended to the endpoint, so that it cannot have a query.
  if (target->target.find('?') != std::string::npos)
    return bad_option(source, "endpoint", "must not have a query");
  return {};
}

std::string without_trailing_slashes(std::string url) {
  while (url.ends_with('/'))
    url.pop_back();
  return url;
}

} // namespace cosmo::net

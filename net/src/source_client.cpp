// SPDX-License-Identifier: Apache-2.0
#include "source_client.hpp"

#include "source_options.hpp"

namespace cosmo::net {

caf::expected<std::shared_ptr<http_client>>
find_client(std::string_view source, std::shared_ptr<http_client> given,
            const std::string& ca_file) {
  if (given && !ca_file.empty())
    return bad_option(source, "ca_file",
                      "belongs to the client that was given");
  if (given)
    return given;
  auto shared = http_client::shared({.ca_file = ca_file});
  if (!shared)
    return bad_option(source, "ca_file", message_of(shared.error()));
  return shared;
}

} // namespace cosmo::net

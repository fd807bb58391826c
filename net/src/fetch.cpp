// SPDX-License-Identifier: Apache-2.0
#include <cosmo/net/fetch.hpp>

#include <utility>

namespace cosmo::net {

awaited<caf::expected<http_response>>
fetch(const http_request& request, std::shared_ptr<http_client> client) {
  using result = caf::expected<http_response>;
  return awaited<result>{
    [request, client = std::move(client)](completion<result> done,
                                          std::stop_token stop) mutable {
      client->send(std::move(request), std::move(stop), std::move(done));
    }};
}

} // namespace cosmo::net

// SPDX-License-Identifier: Apache-2.0
#include "management.hpp"

#include <cosmo/json.hpp>

namespace cosmo::cli {

caf::expected<json> manage(net::wire_client& client, const json& request,
                           const std::string& op) {
  auto answer = client.manage(request);
  if (!answer)
    return answer;
  const auto said = answer->find("op");
  if (said == answer->end() || *said != op)
    return make_error(ec::bad_response, "unexpected answer: " + answer->dump());
  answer->erase("op");
  return answer;
}

} // namespace cosmo::cli

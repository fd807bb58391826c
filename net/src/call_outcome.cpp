// SPDX-License-Identifier: Apache-2.0
#include "call_outcome.hpp"

namespace cosmo::net {

call_outcome outcome_of(const caf::error& error, unsigned status) {
  if (status >= 500 || status == 408 || status == 429)
    return call_outcome::failure;
  // A refusal shows that the server works.
  if (!error || error == ec::http_status || error == ec::rpc_error)
    return call_outcome::success;
  // What the bus or the user did is not its fault.
  if (error == ec::cancelled || error == ec::too_large || error == ec::bad_input
      || error == ec::bad_argument || error == ec::not_connected
      || error == ec::overloaded || error == ec::bad_config)
    return call_outcome::nothing;
  return call_outcome::failure;
}

} // namespace cosmo::net

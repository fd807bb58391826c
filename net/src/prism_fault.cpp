// SPDX-License-Identifier: Apache-2.0
#include "prism_fault.hpp"

#include "quoted_text.hpp"
#include <cosmo/json.hpp>

namespace cosmo::net {

prism_fault fault_of(const caf::error& error) {
  auto text = describe(error);
  if (error == ec::bad_argument || error == ec::bad_config
      || error == ec::unsupported_transport)
    return {"bad_url", std::move(text)};
  if (error == ec::connect_failed || error == ec::resolve_failed
      || error == ec::tls_failed || error == ec::timeout)
    return {"connect_failed", std::move(text)};
  return {"subscribe_failed", std::move(text)};
}

std::string to_message(const prism_fault& fault) {
  auto code = std::string{fault.code};
  return json{{"v", "1"},
              {"id", "evt_prism_" + code},
              {"trace_id", "trc_prism_internal"},
              {"type", "ERROR"},
              {"neuron", nullptr},
              {"ts", "1970-01-01T00:00:00Z"},
              {"payload",
               {{"code", code},
                {"message", valid_text(fault.text)},
                {"recoverable", false}}},
              {"meta", {{"source", "prism"}}}}
    .dump();
}

} // namespace cosmo::net

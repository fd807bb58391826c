// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "dendrite_state.hpp"
#include <cosmo/log.hpp>

namespace cosmo::actors {

/// What a host of Engrams must hear.
constexpr signal_type_set engram_types{
  signal_type::RECALL,  signal_type::IMPRINT,  signal_type::FINAL,
  signal_type::ERROR,   signal_type::REGISTER, signal_type::DEREGISTER,
  signal_type::DISCOVER};

/// What a host of Effectors must hear. STOP is heard by all.
constexpr signal_type_set effector_types{signal_type::TOOL_CALL,
                                         signal_type::DISCOVER};

/// Hosts an Engram or an Effector; a running Dendrite serves it at once if it
/// is to.
template <class Hosting, class Part>
caf::result<void>
dendrite_state::attach_part(Hosting& hosting, const Part& what,
                            const std::string& id, signal_type_set heard,
                            bool announce) {
  if (auto err = hosting.attach(what))
    return err;
  if (!active())
    return caf::unit;
  if (!announce) {
    log::warning(
      "dendrite", "attached-while-running",
      id + " is served from the next start on; add_"
        + (heard.contains(signal_type::TOOL_CALL) ? "effector" : "engram")
        + " does it now");
    return caf::unit;
  }
  ensure(heard);
  auto answer = self_->make_response_promise<void>();
  hosting.serve(id, [answer](caf::error err) mutable {
    err ? answer.deliver(std::move(err)) : answer.deliver();
  });
  keep_beating();
  return answer;
}

} // namespace cosmo::actors

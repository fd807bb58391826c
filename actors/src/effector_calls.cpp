// SPDX-License-Identifier: Apache-2.0
#include "effector_calls.hpp"

#include "tool_payload.hpp"

#include <utility>

namespace cosmo::actors {

void effector_calls::take(const signal& reply) {
  if (reply.type() == signal_type::TOOL_RESULT && calls_.find_for(reply))
    calls_.take(*reply.parent_id())->done(read_tool_result(reply));
}

void effector_calls::end(const std::string& trace_id) {
  while (auto what = calls_.take_one_of(trace_id))
    what->done(
      make_error(ec::effector_cancelled, "the trace has ended: " + trace_id));
}

void effector_calls::end_all() {
  while (auto what = calls_.take_any())
    what->done(make_error(ec::effector_cancelled, "the Dendrite has stopped"));
}

void effector_calls::expire(time_point now) {
  while (auto what = calls_.take_expired(now))
    what->done(make_error(ec::effector_timeout, "no answer in time from "
                                                  + what->address() + " for '"
                                                  + what->tool + "'"));
}

} // namespace cosmo::actors

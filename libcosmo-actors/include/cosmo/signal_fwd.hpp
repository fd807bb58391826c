// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/fwd.hpp>

namespace cosmo {

/// A Signal whose type is statically one of `Ps`; see signal.hpp.
template <class... Ps>
class signal_of;

/// Work for an Axon.
using task_signal = signal_of<payload::task>;

/// A write to an Engram.
using imprint_signal = signal_of<payload::imprint>;

/// The only Signals an Axon may answer a TASK with.
using axon_reply = signal_of<payload::agent_output, payload::clarification,
                             payload::permission, payload::error>;

/// What a Dendrite of any role may put on the bus by its internal paths. TASK,
/// TASK_OFFER, TASK_AWARDED, TASK_DECLINED and STOP are not among them.
/// @source signals.md section 10, G3
using worker_signal
  = signal_of<payload::agent_output, payload::clarification,
              payload::permission, payload::error, payload::final_,
              payload::register_, payload::deregister, payload::heartbeat,
              payload::discover, payload::bid, payload::recall,
              payload::imprint, payload::recalled, payload::imprinted,
              payload::tool_call, payload::tool_result, payload::thought_delta,
              payload::escalation, payload::clarification_answer,
              payload::permission_decision, payload::stopped, payload::audit>;

/// What a Dendrite of any role says to whoever asked: the answer to a question,
/// or a bid for an offer.
using answer_signal = signal_of<payload::bid, payload::clarification_answer,
                                payload::permission_decision>;

/// What only an orchestrator may put on the bus, by its public calls.
using orchestrator_signal
  = signal_of<payload::task, payload::task_offer, payload::task_awarded,
              payload::task_declined, payload::stop>;

} // namespace cosmo

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/acceptance.hpp>
#include <cosmo/dispatch.hpp>
#include <cosmo/engram_call.hpp>
#include <cosmo/handler.hpp>
#include <cosmo/registry.hpp>
#include <cosmo/signal.hpp>
#include <cosmo/subject.hpp>
#include <cosmo/supervision.hpp>

#include <caf/actor_clock.hpp>
#include <caf/timespan.hpp>
#include <caf/typed_actor.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// Every actor interface, on one page. Signals travel as shared immutable
/// values; whatever else a message holds stays inside the process.
namespace cosmo {

// -- Synapse -------------------------------------------------------------------

/// A SUBSCRIBER is handed the Signals of its subscriptions.
using subscriber_actor = caf::typed_actor<
  // Takes one Signal of the subscription with this id.
  caf::result<void>(deliver_atom, uint64_t, signal)>;

namespace actors {
class inbox;
} // namespace actors

/// A wish to receive what matches `pattern`.
struct subscription {
  /// Chosen by the receiver, unique among its subscriptions.
  uint64_t id = 0;
  subject pattern;
  /// Of all subscriptions with this group's name exactly one gets a Signal.
  std::optional<std::string> group;
  subscriber_actor receiver;
  /// Bounds and counts what waits for the receiver; null if it does so itself.
  std::shared_ptr<actors::inbox> box = {};
};

/// The SYNAPSE is the bus: it hands each Signal to every matching subscription,
/// in the order of its publisher, and forgets subscribers that died.
using synapse_actor = caf::typed_actor<
  // Accepts a Signal; answers once it has been handed over.
  caf::result<void>(caf::publish_atom, subject, signal),
  // Adds a subscription, or replaces the one with the same id and receiver.
  caf::result<void>(caf::subscribe_atom, subscription),
  // Removes the subscription with this id and receiver, if there is one.
  caf::result<void>(caf::unsubscribe_atom, subscription),
  // Answers when everything accepted before has been handed over.
  caf::result<void>(caf::flush_atom),
  // Ends the bus; later use fails with ec::not_connected.
  caf::result<void>(caf::close_atom)>;

// -- Pathway -------------------------------------------------------------------

/// What a Pathway calls for each Signal of some types.
struct pathway_callback {
  signal_type_set types;
  std::function<void(const signal&)> fn;
};

/// A PATHWAY is the live view of one trace. It stays readable after it closed,
/// until the last handle is gone.
using pathway_actor = caf::typed_actor<
  // Takes one Signal of the trace.
  caf::result<void>(deliver_atom, signal),
  // Answers with the first unread Signal of these types, else with ec::timeout
  // or ec::pathway_closed.
  caf::result<signal>(wait_atom, signal_type_set, caf::timespan),
  // Answers with the next Signal in order; ec::pathway_closed at the end.
  caf::result<signal>(next_atom),
  // Calls back for each Signal, those already delivered first.
  caf::result<void>(on_atom, pathway_callback),
  // Fails pending waits with this reason and takes no more Signals.
  caf::result<void>(caf::close_atom, caf::error),
  // Answers whether it is closed.
  caf::result<bool>(caf::get_atom, caf::close_atom)>;

/// A Pathway and what never changes about it.
struct opened_pathway {
  pathway_actor handle;
  std::string trace_id;
  std::optional<std::string> parent_id;
  /// `originator` or `observer`.
  std::string role;
  cosmo::scope scope = cosmo::scope::all;
};

// -- Worker --------------------------------------------------------------------

/// A piece of user code that may block.
struct blocking_job {
  std::function<void()> run;
};

/// A WORKER runs user code off the scheduler, one job at a time.
using worker_actor = caf::typed_actor<
  // Answers when the job has returned, whatever it threw.
  caf::result<void>(run_atom, blocking_job)>;

// -- Neuron and Axon -----------------------------------------------------------

/// A NEURON as an actor: `(input, context) -> output`.
///
/// Its handler returns `json`. One that can fail returns `caf::result<json>`,
/// made of an error or of a `caf::expected<json>`, which is also what a promise
/// is to be delivered. With a bare `json` in either place the output would be
/// `[value]`: CAF 0.18 copies it with braces, which JSON takes for a list.
using neuron_actor = caf::typed_actor<caf::result<json>(json, json)>;

/// What a Neuron came up with: a value or the reason of its failure.
struct neuron_result {
  caf::expected<json> value{json{}};
};

/// An AXON gives a Neuron its identity. What it may answer is a matter of
/// types.
using axon_actor = caf::typed_actor<
  // Runs the Neuron; the answer's parent is the TASK.
  caf::result<axon_reply>(task_signal),
  // Cancels the run of the TASK with this id; ec::cancelled is its answer.
  caf::result<void>(cancel_atom, std::string),
  // Takes the late result of a run; its number is not the TASK's id.
  caf::result<void>(run_atom, uint64_t, neuron_result),
  // Runs a piece of the run of this number on a worker when it is its turn.
  caf::result<void>(run_atom, uint64_t, blocking_job)>;

// -- Registry ------------------------------------------------------------------

/// One change for a registry store.
struct registry_change {
  registry_write what;
};

/// A REGISTRY owns a store: it groups what is written and keeps callers from
/// waiting for a disk.
using registry_actor = caf::typed_actor<
  // Opens the store.
  caf::result<void>(caf::connect_atom),
  // Answers when the change is in the store, together with its neighbours.
  caf::result<void>(caf::put_atom, registry_change),
  // Answers with one record, or ec::not_found.
  caf::result<neuron_record>(caf::get_atom, std::string),
  // Answers with all records that pass; sees every change sent before.
  caf::result<std::vector<neuron_record>>(caf::get_atom, registry_filter),
  // Writes what is waiting.
  caf::result<void>(caf::flush_atom)>;

// -- what a Dendrite hosts beside Axons ----------------------------------------

/// A RECALL, IMPRINT or TOOL_CALL, and when it came.
struct hosted_request {
  signal what;
  caf::actor_clock::time_point received;
};

// -- Engram --------------------------------------------------------------------

/// An ENGRAM owns a backend: it makes writes that wait together in one go, and
/// keeps the others from waiting for a disk. A backend whose storage fails ends
/// it.
using engram_actor = caf::typed_actor<
  // Opens the backend; answers with the rollbacks that it has left to finish.
  caf::result<std::vector<rollback_order>>(caf::connect_atom),
  // Answers a RECALL with RECALLED and an IMPRINT with IMPRINTED; an error
  // means silence.
  caf::result<worker_signal>(hosted_request),
  // Undoes some of what a trace has written; to be repeated until it is done.
  caf::result<rollback_report>(rollback_atom, rollback_order),
  // Keeps what a trace has written.
  caf::result<void>(commit_atom, std::string),
  // Notes that a trace has met an ERROR.
  caf::result<void>(fail_atom, std::string),
  // Answers with what the backend has counted, or ec::not_found.
  caf::result<engram_journal_counts>(caf::get_atom),
  // Makes the writes that are waiting.
  caf::result<void>(caf::flush_atom),
  // Closes the backend; may be connected again.
  caf::result<void>(caf::close_atom)>;

// -- Effector -------------------------------------------------------------------

/// An EFFECTOR owns a backend whose tools run on workers, several at a time.
using effector_actor = caf::typed_actor<
  // Connects the backend.
  caf::result<void>(caf::connect_atom),
  // Answers a TOOL_CALL with TOOL_RESULT; ec::not_found means silence.
  caf::result<worker_signal>(hosted_request),
  // Nobody wants answers on this trace any more.
  caf::result<void>(cancel_atom, std::string),
  // Asks what runs to stop; answers when it has, and the backend is closed. May
  // be connected again.
  caf::result<void>(caf::close_atom)>;

// -- Retry run -----------------------------------------------------------------

/// A RETRY RUN makes one call again until it is answered or out of attempts.
using retry_actor = caf::typed_actor<
  // Begins; answers with what the last attempt came to.
  caf::result<signal>(start_atom),
  // The Dendrite stops: no further attempt.
  caf::result<void>(stop_atom)>;

// -- Dendrite ------------------------------------------------------------------

/// Something to run at a moment of a Dendrite's life; exactly one member is
/// set.
struct dendrite_hook {
  std::function<void()> on_connect = {};
  std::function<void(const refresh_event&)> on_refresh = {};
  std::function<void()> on_schedule = {};
  /// For `on_schedule`: from the end of one run to the next.
  caf::timespan every = {};
};

/// The DENDRITE is the only thing that touches the Synapse: it hosts Axons,
/// dispatches work and owns the Pathways.
using dendrite_actor = subscriber_actor::extend<
  // Hosts an Axon; `true` announces it at once, `false` at the next start.
  caf::result<void>(attach_atom, axon, bool),
  // Lets an Axon go, with the reason that its DEREGISTER gives.
  caf::result<void>(detach_atom, std::string, std::string),
  // Hosts an Engram; `true` serves it at once, `false` from the next start on.
  caf::result<void>(attach_atom, engram, bool),
  // Lets an Engram go.
  caf::result<void>(detach_atom, recall_atom, std::string),
  // Answers whether an Engram of this id, or with an empty id of this kind, is
  // hosted here or has announced itself.
  caf::result<bool>(caf::get_atom, recall_atom, std::string, std::string),
  // Answers with the attached Engrams, in order.
  caf::result<std::vector<engram>>(caf::get_atom, recall_atom),
  // Answers with what went through the Engram of this id, or ec::not_found.
  caf::result<engram_counts>(caf::get_atom, recall_atom, std::string),
  // Asks Engrams on behalf of the run of the TASK with this id; with an empty
  // one on its own.
  caf::result<recall_result>(recall_atom, std::string, recall_options),
  // Publishes an IMPRINT, likewise.
  caf::result<void>(imprint_atom, std::string, imprint_options),
  // The same; answers with the receipt.
  caf::result<imprint_receipt>(imprint_atom, wait_atom, std::string,
                               imprint_options),
  // Runs the `on_refresh` hooks of the Engram of this id.
  caf::result<void>(refresh_atom, recall_atom, std::string, refresh_event),
  // Takes up what was registered with the Engram of this id.
  caf::result<void>(refresh_atom, recall_atom, std::string),
  // Hosts an Effector; `true` serves it at once, `false` from the next start
  // on.
  caf::result<void>(attach_atom, effector, bool),
  // Lets an Effector go.
  caf::result<void>(detach_atom, tool_atom, std::string),
  // Answers with the attached Effectors, in order.
  caf::result<std::vector<effector>>(caf::get_atom, tool_atom),
  // Calls a tool on behalf of the run of the TASK with this id; with an empty
  // one on its own.
  caf::result<tool_outcome>(tool_atom, std::string, call_tool_options),
  // Runs the `on_refresh` hooks of the Effector of this id.
  caf::result<void>(refresh_atom, tool_atom, std::string, refresh_event),
  // Takes up what was registered with the Effector of this id.
  caf::result<void>(refresh_atom, tool_atom, std::string),
  // Subscribes and announces. Starting twice is fine.
  caf::result<void>(start_atom),
  // Answers what is unfinished, says farewell and unsubscribes.
  caf::result<void>(stop_atom, std::string),
  // Publishes a TASK and answers with it.
  caf::result<signal>(dispatch_atom, task_atom, dispatch_options),
  // The same for a follow-up: without a word about `finalize` it is finalised
  // exactly when the dispatch that it follows up was, and is still open.
  caf::result<signal>(respond_atom, dispatch_options),
  // Publishes a TASK and answers with its Pathway.
  caf::result<opened_pathway>(dispatch_atom, dispatch_options),
  // Publishes a TASK on behalf of the run of the TASK with this id, and answers
  // with its Pathway.
  caf::result<opened_pathway>(dispatch_atom, std::string, dispatch_options),
  // Publishes a TASK and answers with the Signal that resolves it.
  caf::result<signal>(dispatch_atom, wait_atom, dispatch_options),
  // The same on behalf of the run of the TASK with this id; with an empty one
  // on its own.
  caf::result<signal>(dispatch_atom, wait_atom, std::string, dispatch_options),
  // Publishes a TASK_OFFER, awards the work, and answers with its Pathway.
  caf::result<opened_pathway>(offer_atom, offer_options),
  // The award of this trace and id was given back: its winner is gone.
  caf::result<void>(award_atom, std::string, std::string),
  // Opens a Pathway on a trace without publishing anything; keeps at most this
  // many Signals.
  caf::result<opened_pathway>(observe_atom, std::string, uint64_t),
  // Publishes an answer to a question, or a bid for an offer.
  caf::result<void>(answer_atom, answer_signal),
  // Answers with the answer to a question, for at most this long.
  caf::result<signal>(await_atom, signal, caf::timespan),
  // Announces the Axons that a DISCOVER asks for, after a moment.
  caf::result<void>(discover_atom, signal),
  // Publishes a Signal of an orchestrator, after role and type guard.
  caf::result<void>(emit_atom, signal),
  // Publishes a STOP and answers, after this time, with the acknowledgements.
  caf::result<std::vector<signal>>(emit_atom, signal, caf::timespan),
  // Publishes a STOP and answers when every Engram known here has rolled back,
  // at the latest after this time.
  caf::result<void>(await_atom, stop_atom, signal, caf::timespan),
  // Publishes what the run of a TASK with this id has to say meanwhile.
  caf::result<void>(emit_atom, std::string, worker_signal),
  // The same, and tells when the bus has accepted it.
  caf::result<void>(emit_atom, std::string, worker_signal, acceptance),
  // Forgets the Pathway of this trace and key, which closed.
  caf::result<void>(caf::close_atom, std::string, uint64_t),
  // Adds a handler, which sees what is published from now on; answers with its
  // number.
  caf::result<uint64_t>(on_atom, handler_spec),
  // Removes the handler of this number, if there is one.
  caf::result<void>(detach_atom, uint64_t),
  // Adds a hook.
  caf::result<void>(on_atom, dendrite_hook),
  // Runs the `on_refresh` hooks.
  caf::result<void>(refresh_atom, refresh_event),
  // Takes up what was registered with the Axon of this id since it was
  // announced.
  caf::result<void>(refresh_atom, std::string),
  // Runs the `on_refresh` hooks of the Axon of this id.
  caf::result<void>(refresh_atom, std::string, refresh_event),
  // Subscribes; answers when the subscriptions are effective.
  caf::result<void>(ensure_atom, signal_type_set),
  // Answers with what the registry store knows, or ec::no_registry_store.
  caf::result<std::vector<neuron_record>>(caf::get_atom, registry_filter),
  // Answers with itself, and its Axons and Engrams below, as a supervisor does.
  caf::result<child_info>(caf::get_atom),
  // Answers with the attached Axons, in order.
  caf::result<std::vector<axon>>(caf::get_atom, attach_atom),
  // Answers with the `axon_actor` of a running Axon, or ec::not_found.
  caf::result<caf::strong_actor_ptr>(caf::get_atom, std::string)>;

// -- Supervisor ------------------------------------------------------------------

/// A SUPERVISOR starts, watches, restarts and stops its children. Changes are
/// made one at a time, in the order of their requests.
using supervisor_actor = caf::typed_actor<
  // Starts the children in order; answers when all are there, or with the error
  // of the one that failed once those before it have stopped.
  caf::result<void>(start_atom),
  // Stops the children in reverse order, answers and ends.
  caf::result<void>(stop_atom),
  // Adds a child and starts it; answers with its address. The child is
  // forgotten when it does not start. ec::already_exists, ec::bad_argument.
  caf::result<caf::actor>(start_atom, child_spec),
  // Stops a child, which stays known unless it is temporary; ec::not_found.
  caf::result<void>(stop_atom, std::string),
  // Starts a child that has ended; ec::not_found, ec::child_not_stopped.
  caf::result<caf::actor>(restart_atom, std::string),
  // Forgets a child that has ended; ec::not_found, ec::child_not_stopped.
  caf::result<void>(caf::delete_atom, std::string),
  // Answers with the address of a child; ec::not_found.
  caf::result<caf::actor>(caf::get_atom, std::string),
  // Answers with the whole tree below, at once.
  caf::result<child_info>(caf::get_atom)>;

} // namespace cosmo

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(cosmo::acceptance)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(cosmo::axon)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(cosmo::blocking_job)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(cosmo::call_tool_options)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(cosmo::child_info)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(cosmo::child_spec)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(cosmo::dendrite_hook)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(cosmo::dispatch_options)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(cosmo::effector)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(cosmo::engram)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(cosmo::engram_counts)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(cosmo::engram_journal_counts)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(cosmo::handler_spec)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(cosmo::hosted_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(cosmo::imprint_options)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(cosmo::imprint_receipt)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(cosmo::neuron_record)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(cosmo::neuron_result)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(cosmo::offer_options)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(cosmo::opened_pathway)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(cosmo::pathway_callback)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(cosmo::recall_options)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(cosmo::recall_result)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(cosmo::refresh_event)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(cosmo::registry_change)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(cosmo::registry_filter)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(cosmo::rollback_order)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(cosmo::rollback_report)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(cosmo::subscription)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(cosmo::tool_outcome)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::vector<cosmo::axon>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::vector<cosmo::effector>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::vector<cosmo::engram>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::vector<cosmo::neuron_record>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::vector<cosmo::rollback_order>)

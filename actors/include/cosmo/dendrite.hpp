// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/axon.hpp>
#include <cosmo/dispatch.hpp>
#include <cosmo/effector.hpp>
#include <cosmo/engram.hpp>
#include <cosmo/on_signals.hpp>
#include <cosmo/pathway.hpp>
#include <cosmo/registry.hpp>
#include <cosmo/synapse.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cosmo {

/// How a Dendrite is made. @source dendrite.md section 3
struct dendrite_options {
  /// Scope of its subjects.
  std::string name_space = "default";
  /// `directed.id` of what it says on its own behalf.
  std::string dendrite_id = "dendrite";
  cosmo::role role = cosmo::role::orchestrator;
  /// Knows the Neurons of the namespace. Connected by `start`, never closed.
  registry_store_ptr registry_store = nullptr;
  /// From one sign of life of the hosted Axons to the next; 0 for none.
  std::chrono::nanoseconds heartbeat = std::chrono::seconds{30};
  /// Whether each HEARTBEAT follows a REGISTER, for those who came late.
  bool reregister_on_heartbeat = true;
  /// Silence after which the store takes a Neuron for gone; 0 for never, absent
  /// for three heartbeats.
  std::optional<std::chrono::nanoseconds> stale_after = {};
  /// How long an id counts as seen; at least 60 s, or 0 for never.
  std::chrono::seconds dedup_window{60};
  size_t dedup_capacity = 65'536;
  /// Whether it bids for offers that one of its Axons covers, unless a handler
  /// for TASK_OFFER is registered.
  bool auto_bid = true;
  /// How long a stopped trace refuses late TASKs.
  std::chrono::seconds trace_tombstone{60};
  /// How long a recall, or an imprint that waits for its receipt, waits at
  /// most; 0 for ever.
  std::chrono::nanoseconds engram_default_deadline = std::chrono::seconds{30};
  /// How long the call of a tool waits at most; 0 for ever.
  std::chrono::nanoseconds effector_default_deadline = std::chrono::seconds{30};
  /// How long `stop` waits for unfinished TASKs before it answers for them.
  std::chrono::nanoseconds drain_on_stop{0};
};

/// @returns ec::bad_argument naming the option.
caf::error check(const dendrite_options& options);

/// The envelope of what a Dendrite says about a trace.
struct emit_options {
  std::string trace_id;
  std::string parent_id;
  /// Whom `directed` names; absent: the Dendrite itself.
  std::optional<std::string> neuron = {};
  json meta = nullptr;
};

/// What an answer that runs the asker again may be told.
/// @source dendrite.md section 17.1
struct respond_options {
  /// Members of the answer in the TASK's input; they win over the usual ones.
  json extra = nullptr;
  /// Who runs; absent: who asked.
  std::optional<std::string> neuron = {};
  json meta = nullptr;
  /// Absent: as the dispatch that is still waiting on this trace.
  std::optional<bool> finalize = {};
};

/// Which records a registry read returns.
struct registry_query {
  /// Exact and case-sensitive.
  std::optional<std::string> capability = {};
  bool include_deregistered = false;
  /// Leaves out who has been silent for longer.
  std::optional<std::chrono::nanoseconds> max_age = {};
};

/// A registered handler. Dropping the token leaves the handler in place.
/// @affinity any thread that may block
class handler_token {
public:
  handler_token(dendrite_actor owner, uint64_t number,
                std::shared_ptr<actors::environment> env);

  /// Removes the handler; a call that a worker has taken up still finishes. May
  /// be called from the handler itself, and more than once.
  void remove() const;

private:
  caf::actor_addr owner_;
  uint64_t number_;
  std::shared_ptr<actors::environment> env_;
};

/// The participant on the bus: hosts Axons, dispatches work, shows traces.
///
/// Made by `runtime::dendrite`; a cheap handle. If the options were bad, every
/// call returns that error. Errors are values; an ERROR Signal is an answer and
/// not an error.
/// @affinity any thread that may block   @source dendrite.md
class dendrite : public on_signals<dendrite> {
public:
  dendrite(caf::expected<dendrite_actor> hdl, dendrite_options options,
           std::optional<cosmo::synapse> bus,
           std::shared_ptr<actors::environment> env);

  // -- hosting ----------------------------------------------------------------

  /// Hosts an Axon; announced at the next start. A failure is logged and comes
  /// up again at `start`, so that it may be ignored here.
  /// @returns the Axon, ec::bad_config, already_exists or already_attached.
  caf::expected<cosmo::axon> attach_axon(cosmo::axon what) const;

  caf::expected<cosmo::axon> attach_axon(axon_options what) const {
    return attach_axon(cosmo::axon{std::move(what)});
  }

  /// As above; a running Dendrite announces and routes to it at once.
  caf::expected<cosmo::axon> add_axon(cosmo::axon what) const;

  caf::expected<cosmo::axon> add_axon(axon_options what) const {
    return add_axon(cosmo::axon{std::move(what)});
  }

  /// @returns ec::not_found.
  caf::error detach_axon(std::string neuron_id, std::string reason = {}) const;

  /// Hosts an Engram; served from the next start on. A failure is logged and
  /// comes up again at `start`.
  /// @returns the Engram, ec::bad_config, already_exists or already_attached.
  caf::expected<cosmo::engram> attach_engram(cosmo::engram what) const;

  /// As above; a running Dendrite connects and announces it before this
  /// returns.
  /// @returns also what kept the backend from opening; it is tried again.
  caf::expected<cosmo::engram> add_engram(cosmo::engram what) const;

  /// Closes the backend. @returns ec::not_found.
  caf::error detach_engram(std::string engram_id) const;

  /// Hosts an Effector; served from the next start on. A failure is logged and
  /// comes up again at `start`.
  /// @returns the Effector, ec::bad_config, already_exists or already_attached.
  caf::expected<cosmo::effector> attach_effector(cosmo::effector what) const;

  /// As above; a running Dendrite connects and announces it before this
  /// returns.
  /// @returns also what kept it from connecting; it is tried again.
  caf::expected<cosmo::effector> add_effector(cosmo::effector what) const;

  /// Ends its calls and closes the backend. @returns ec::not_found.
  caf::error detach_effector(std::string effector_id) const;

  /// Connects the store, subscribes and announces. Idempotent. Waits up to 10 s
  /// for each Engram's backend to open, and not for the `on_connect` hooks.
  /// @returns what a failed `attach_axon` had returned, ec::not_connected, or
  ///          what kept the store from opening; then nothing has begun.
  caf::error start() const;

  /// Answers unfinished TASKs, says farewell, closes Pathways. Idempotent; a
  /// stopped Dendrite may be started again. Handlers and hooks that a worker
  /// has taken up still finish.
  caf::error stop(std::string reason = {}) const;

  // -- shared memory, on any role ----------------------------------------------

  /// Asks an Engram, or all of a kind.
  /// @returns ec::engram_timeout, engram_cancelled, engram_overloaded,
  ///          bad_argument, bad_trace_id, bad_parent_id or not_connected.
  ///          Nothing found is no error.
  caf::expected<recall_result> recall(recall_options options) const;

  /// Writes to an Engram, or to all of a kind. @returns the receipt, or nothing
  /// unless `await_ack` is set. A refused write says why in its receipt.
  caf::expected<std::optional<imprint_receipt>>
  imprint(imprint_options options) const;

  /// The attached Engrams, in order.
  std::vector<cosmo::engram> engrams() const;

  /// What went through an attached Engram, whether it serves or not. Its
  /// backend counts its journal for that, so ask now and then, not all the
  /// time. @returns ec::not_found.
  caf::expected<cosmo::engram_counts>
  engram_counts(std::string engram_id) const;

  /// Whether an Engram of this id, or with an empty id of this kind, is
  /// attached here or has announced itself. Only who hosts Engrams, has a
  /// registry store or a handler for REGISTER hears announcements.
  bool is_engram_known(std::string engram_id,
                       std::string engram_kind = {}) const;

  // -- tools, on any role --------------------------------------------------------

  /// Calls a tool of an Effector, or of all of a kind, where the first answer
  /// counts.
  /// @returns ec::effector_timeout, effector_cancelled, effector_overloaded,
  ///          bad_argument, bad_trace_id, bad_parent_id or not_connected. A
  ///          tool that fails says so in its outcome.
  caf::expected<tool_outcome> call_tool(call_tool_options options) const;

  /// The attached Effectors, in order.
  std::vector<cosmo::effector> effectors() const;

  // -- bidding ----------------------------------------------------------------

  /// Offers work to whoever bids, awards it to one, and returns its Pathway:
  /// what the winner makes of the work arrives there. A winner that is known to
  /// have died before it began is replaced by the next of those who bid in
  /// time, if the selection heard more than one.
  /// @returns ec::timeout if nobody bid or all who did are gone,
  ///          ec::pathway_closed if the trace ended meanwhile,
  ///          ec::protocol_violation on a worker, ec::bad_argument,
  ///          bad_trace_id, bad_parent_id, not_connected.
  caf::expected<pathway> dispatch_offer(offer_options options) const;

  /// Bids for an offer in the name of a Neuron, on any role.
  /// @returns the BID; ec::protocol_violation for a Signal of another type.
  caf::expected<signal> bid(const signal& offer, std::string neuron_id,
                            bid_options terms = {}) const;

  // -- stopping a trace, orchestrators only -----------------------------------

  /// Cancels whatever runs on the trace, everywhere, and closes its Pathways.
  /// @returns the STOP. An unknown trace is fine.
  caf::expected<signal> emit_stop(std::string trace_id, bool rollback = false,
                                  std::optional<std::string> reason = {}) const;

  /// As above. @returns who acknowledged, if that was asked for.
  caf::expected<std::vector<signal>>
  stop_trace(std::string trace_id, stop_trace_options options = {}) const;

  // -- dispatching, orchestrators only ----------------------------------------

  /// Publishes a TASK and returns it.
  /// @returns ec::protocol_violation on a worker, ec::bad_argument without
  ///          target, ec::not_connected.
  caf::expected<signal> dispatch_task(dispatch_options options) const;

  /// Publishes a TASK and returns its Pathway.
  caf::expected<pathway> dispatch(dispatch_options options) const;

  /// The same, for callers that go on with `on`.
  caf::expected<pathway> dispatch_and_subscribe(dispatch_options options) const;

  /// Publishes a TASK and waits for what resolves it: with scope `all` the
  /// first AGENT_OUTPUT, CLARIFICATION, PERMISSION, ERROR or FINAL, with scope
  /// `terminal` FINAL or ERROR.
  /// With `retry` it tries again: the outcome is that of the last attempt.
  /// @returns also ec::timeout and ec::pathway_closed.
  caf::expected<signal> dispatch_and_wait(dispatch_options options) const;

  /// `dispatch_and_wait` with this strategy.
  caf::expected<signal> run_with_retry(retry_strategy strategy,
                                       dispatch_options options) const;

  // -- saying something about a trace, orchestrators only ---------------------

  /// Publishes a Signal of an orchestrator.
  /// @returns ec::protocol_violation for workers and for types of the Axon.
  caf::error emit(const signal& sig) const;

  /// Each builds a Signal, publishes it as `emit` does and returns it.
  /// @returns also ec::bad_argument, bad_trace_id or bad_parent_id.
  caf::expected<signal> emit_final(payload::final_ what,
                                   emit_options about) const;
  caf::expected<signal> emit_error(payload::error what,
                                   emit_options about) const;
  caf::expected<signal> emit_plan(payload::plan what, emit_options about) const;
  caf::expected<signal> emit_thought_delta(payload::thought_delta what,
                                           emit_options about) const;
  caf::expected<signal> emit_tool_call(payload::tool_call what,
                                       emit_options about) const;
  caf::expected<signal> emit_tool_result(payload::tool_result what,
                                         emit_options about) const;
  caf::expected<signal> emit_memory_append(payload::memory_append what,
                                           emit_options about) const;
  caf::expected<signal> emit_critique(payload::critique what,
                                      emit_options about) const;
  caf::expected<signal> emit_escalation(payload::escalation what,
                                        emit_options about) const;
  caf::expected<signal> emit_consensus(payload::consensus what,
                                       emit_options about) const;
  caf::expected<signal> emit_context_sync(payload::context_sync what,
                                          emit_options about) const;

  // -- answering by running the asker again, orchestrators only ---------------

  /// Each dispatches a follow-up TASK on the question's trace and returns it.
  /// @returns ec::protocol_violation for workers, for a Signal of another type
  ///          and without anybody to run.
  caf::expected<signal>
  respond_to_clarification(const signal& question, json answer,
                           respond_options how = {}) const;

  /// `verdict` says whether, why, and for how long.
  caf::expected<signal>
  respond_to_permission(const signal& question,
                        payload::permission_decision verdict,
                        respond_options how = {}) const;

  /// Runs the escalation's target, on `input` if there is one.
  caf::expected<signal> respond_to_escalation(const signal& escalation,
                                              respond_options how = {},
                                              json input = nullptr) const;

  // -- answering, and waiting for an answer -----------------------------------

  /// Each publishes an answer to a question and returns it.
  /// @returns ec::protocol_violation for a Signal of another type.
  caf::expected<signal> answer_clarification(const signal& question,
                                             json answer,
                                             json meta = nullptr) const;

  /// A permission for `ttl`, in whole milliseconds; absent: without end.
  caf::expected<signal>
  grant_permission(const signal& question,
                   std::optional<std::string> reason = {},
                   std::optional<std::chrono::milliseconds> ttl = {},
                   json meta = nullptr) const;

  caf::expected<signal> deny_permission(const signal& question,
                                        std::optional<std::string> reason = {},
                                        json meta = nullptr) const;

  /// Waits for the answer to a CLARIFICATION or PERMISSION. The first one
  /// counts, also if it came before, and is taken once.
  /// @returns ec::timeout; ec::pathway_closed when the trace or the Dendrite
  ///          ends first; ec::already_exists when somebody waits for it here;
  ///          ec::protocol_violation for a Signal of another type.
  caf::expected<signal> await_decision(const signal& question,
                                       std::chrono::nanoseconds timeout
                                       = std::chrono::seconds{30}) const;

  // -- handlers: the named ones are in on_signals.hpp -------------------------

  /// Registers a handler, which sees what is published once this returns, and
  /// its own Dendrite's Signals too. It survives stop and start. With DISCOVER
  /// among `types` it takes over from the Dendrite, see `on_discover`.
  caf::expected<handler_token> on_signal(signal_type_set types,
                                         signal_handler fn,
                                         handler_filter only = {}) const;

  /// Watches one trace.
  caf::expected<handler_token> on_trace(std::string trace_id,
                                        signal_type_set types,
                                        signal_handler fn,
                                        handler_filter only = {}) const;

  /// Watches everything of one trace.
  caf::expected<handler_token> on_trace(std::string trace_id, signal_handler fn,
                                        handler_filter only = {}) const;

  /// Takes DISCOVER over: hosted Axons are announced only if the handler calls
  /// `respond_to_discover`.
  caf::expected<handler_token> on_discover(signal_handler fn,
                                           handler_filter only = {}) const;

  /// Announces the hosted Axons that a DISCOVER asks for, after up to 100 ms.
  caf::error respond_to_discover(const signal& discover) const;

  /// Registers whatever the named registrations make.
  caf::expected<handler_token> add_handler(handler_spec spec) const;

  /// Waits until these types are subscribed to.
  caf::error ensure_subscribed(signal_type_set types) const;

  /// A subscription past the Dendrite: without filters, without removal of
  /// duplicates, and for the caller to end.
  caf::expected<subscription_handle>
  subscribe(signal_type type, signal_handler fn,
            std::optional<std::string> queue_group = {}) const;

  // -- lifecycle --------------------------------------------------------------

  /// Hooks run off the scheduler, one after another in order of registration,
  /// and survive stop and start. What they throw is logged.
  /// At each start.
  caf::error on_connect(std::function<void(const dendrite&)> fn) const;

  /// At each heartbeat, each change of the registry, and by `refresh`.
  caf::error on_refresh(
    std::function<void(const dendrite&, const refresh_event&)> fn) const;

  /// While running, `every` after the previous run has ended; the first time
  /// after one interval. A hook that comes late begins at once.
  /// @returns ec::bad_argument unless `every` is above zero.
  caf::error on_schedule(std::chrono::nanoseconds every,
                         std::function<void(const dendrite&)> fn) const;

  /// Runs the `on_refresh` hooks.
  caf::error refresh(refresh_event event = {}) const;

  // -- registry ---------------------------------------------------------------

  /// The live Neurons, all or those that offer a capability.
  /// @returns ec::no_registry_store, or what the store says.
  caf::expected<std::vector<neuron_record>>
  find_neurons(std::optional<std::string> capability = {},
               std::optional<std::chrono::nanoseconds> max_age = {}) const;

  caf::expected<std::vector<neuron_record>>
  registry_snapshot(registry_query what = {}) const;

  // -- watching ---------------------------------------------------------------

  /// Opens a Pathway on a trace without publishing anything.
  /// @param replay_cap as in `dispatch_options`.
  /// @returns ec::already_exists if this Dendrite has one on that trace.
  caf::expected<pathway> observe_pathway(std::string trace_id,
                                         std::optional<size_t> replay_cap
                                         = {}) const;

  // -- properties -------------------------------------------------------------

  const dendrite_options& options() const noexcept;

  /// The bus it was made on; empty if there was none.
  const std::optional<cosmo::synapse>& synapse() const noexcept;

  /// The attached Axons, in order.
  std::vector<cosmo::axon> axons() const;

  std::optional<cosmo::axon> axon(std::string_view neuron_id) const;

  /// What the attached Axons offer together: sorted, each once.
  std::vector<std::string> capabilities() const;

  /// The actor, for code that speaks messages; null if the options were bad.
  const dendrite_actor& handle() const noexcept;

private:
  friend class weak_dendrite;

  struct impl;

  caf::expected<cosmo::axon> host(cosmo::axon what, bool announce) const;
  caf::expected<cosmo::effector> host(cosmo::effector what,
                                      bool announce) const;
  caf::expected<cosmo::engram> host(cosmo::engram what, bool announce) const;
  void attach_failed(const std::string& id, const caf::error& reason) const;

  template <payload_struct P>
  caf::expected<signal> say(P what, emit_options about) const;
  caf::expected<signal> respond(const signal& to, std::string member,
                                json content, respond_options how) const;
  template <payload_struct P>
  caf::expected<signal> answer(const signal& question, P what, json meta) const;

  std::shared_ptr<impl> impl_;
};

/// Keeps Dendrites running for the time of a scope.
class [[nodiscard]] running_scope {
public:
  explicit running_scope(std::vector<dendrite> members);
  ~running_scope();

  running_scope(running_scope&&) noexcept = default;
  running_scope& operator=(running_scope&&) = delete;

  /// Whether all of them started.
  explicit operator bool() const noexcept {
    return !error_;
  }

  /// Why not; then none of them is running.
  const caf::error& error() const noexcept {
    return error_;
  }

private:
  void stop_all();

  std::vector<dendrite> started_;
  caf::error error_;
};

/// Starts the Dendrites in order and stops them in reverse at the scope's end.
/// A failure is logged and returned by `error()`.
template <class... Dendrites>
running_scope running(const Dendrites&... members) {
  return running_scope{{members...}};
}

} // namespace cosmo

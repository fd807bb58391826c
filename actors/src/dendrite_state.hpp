// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "auction.hpp"
#include "call_attribution.hpp"
#include "decision_table.hpp"
#include "dedup_window.hpp"
#include "effector_calls.hpp"
#include "effector_hosting.hpp"
#include "engram_calls.hpp"
#include "engram_hosting.hpp"
#include "environment.hpp"
#include "handler_table.hpp"
#include "pathway_state.hpp"
#include "pathway_table.hpp"
#include "schedule_loops.hpp"
#include "trace_tree.hpp"
#include "wait_table.hpp"
#include <cosmo/axon.hpp>
#include <cosmo/dendrite.hpp>

#include <caf/disposable.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <array>
#include <atomic>
#include <deque>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace cosmo::actors {

/// The Dendrite: guards what goes out, routes what comes in, knows which TASKs
/// run and which traces are watched.
/// @source dendrite.md sections 3 to 13, 16 and 26
class dendrite_state : private engram_hosting::owner {
public:
  static inline const char* name = "cosmo.dendrite";

  dendrite_state(dendrite_actor::pointer self, inbox_ptr box,
                 dendrite_options options, synapse_actor bus,
                 environment_ptr env);

  /// Whatever ended the actor, nobody is left waiting.
  ~dendrite_state() override;

  dendrite_actor::behavior_type make_behavior();

private:
  using clock = caf::actor_clock;
  using promise = caf::typed_response_promise<signal>;
  using calls = serial_calls<dendrite_actor::pointer>;
  using loops = schedule_loops<dendrite_actor::pointer>;

  /// A Dendrite's own names for its subscriptions: the number of the type, and
  /// two more for TASKs that are routed by capability.
  static constexpr uint64_t routed_tasks_id = signal_type_count;
  static constexpr uint64_t watched_tasks_id = signal_type_count + 1;

  static constexpr uint64_t id_of(signal_type type) {
    return static_cast<uint64_t>(type);
  }

  /// One Axon and, while it serves, its actor.
  struct hosted {
    axon what;
    axon_actor actor;
    /// Died and not come back yet: TASKs wait for it, up to a limit.
    bool restarting = false;
    restart_schedule restarts = {};
    caf::disposable comeback = {};
    caf::error last_reason = {};
    std::vector<task_signal> stash = {};
    /// Being detached: takes no more work, and who waits for the end of it.
    bool leaving = false;
    std::string farewell;
    caf::typed_response_promise<void> detached;
    caf::disposable drain = {};
    std::shared_ptr<loops> schedules = {};
    /// How many of the Axon's hooks have been looked at since it serves.
    size_t hooks_taken = 0;
  };

  /// One TASK in the hands of an Axon.
  struct run {
    task_signal task;
    std::string neuron_id;
    axon_actor actor;
  };

  /// An offer from here whose Pathway is open: first its bids are collected,
  /// then its award may have to be passed on.
  struct open_offer {
    std::string offer_id;
    auction bids;
    opened_pathway path;
    /// Of the Pathway.
    uint64_t key;
    json input;
    std::string context_ref;
    bool finalize;
    /// Answered with the award.
    caf::typed_response_promise<opened_pathway> answer;
    caf::disposable window = {};
    std::chrono::milliseconds deadline;
    /// The newest award and who got it.
    std::string award_id = {};
    std::string winner = {};
  };

  /// By trace.
  using offers = std::unordered_multimap<std::string, open_offer>;

  /// A STOP whose acknowledgements somebody here wants to see.
  struct stop_watch {
    std::vector<signal> acks = {};
    caf::disposable timer = {};
    /// Who wants all that come in time.
    caf::typed_response_promise<std::vector<signal>> all = {};
    /// Who wants every Engram known here to have rolled back, and which have
    /// not.
    caf::typed_response_promise<void> rolled_back = {};
    std::set<std::string> missing = {};
  };

  /// Where a handler's calls queue up.
  struct handler_line {
    std::shared_ptr<calls> queue;
    /// Shared with the calls, which may be in a worker's hands already.
    std::shared_ptr<std::atomic<bool>> removed;
  };

  /// Whether it is counted on: if need be TASKs wait until it is back.
  static bool serves(const hosted& h) noexcept {
    return !h.leaving
           && (h.actor || (h.restarting && !h.restarts.unavailable()));
  }

  // -- hosting (dendrite_hosting.cpp) ------------------------------------------

  caf::result<void> host(const axon& what, bool announce);
  caf::error attach(const axon& what, bool announce);
  caf::result<void> detach(const std::string& neuron_id, std::string reason);
  caf::result<void> start();
  void go_live();
  void answer_start();
  caf::result<void> stop(std::string reason);
  void finish_detach(const std::string& neuron_id);
  void finish_stop();
  template <class Predicate>
  void finish_detaching(Predicate done);
  void check_drained();
  void down(const caf::down_msg& msg);
  void raise(hosted& h);
  void announce(const hosted& h);
  void deactivate(hosted& h, const std::string& reason);
  void update_task_subscriptions();
  void unsubscribe_all();
  void axon_down(hosted& h, const caf::error& reason);
  void come_back(const std::string& neuron_id);
  void end_comeback(hosted& h);
  void refuse_stash(hosted& h, const char* code, const std::string& why);
  bool stash(hosted& h, task_signal task);
  child_info tree() const;
  void synapse_down(const caf::error& reason);
  void close_pathways(const std::string& why);
  bool busy(std::string_view neuron_id) const;
  template <class Predicate>
  void abandon(Predicate affected);
  std::vector<std::string> capabilities() const;
  hosted* find(const std::string& neuron_id);
  std::vector<axon> attached() const;

  // -- lifecycle (dendrite_lifecycle.cpp) --------------------------------------

  void post_register(hosted& h);
  void take_new_hooks(hosted& h, bool announced);
  void axon_changed(const std::string& neuron_id);
  caf::result<void> refresh_axon(const std::string& neuron_id,
                                 const refresh_event& event);
  void refresh(hosted& h, const refresh_event& event);
  void refresh(const refresh_event& event);
  caf::result<void> add_hook(dendrite_hook hook);
  void run_start_hooks();
  void keep_beating();
  void beat();
  void keep_sweeping();
  void sweep();
  void end_timers();
  void end_schedules(hosted& h);

  /// Whether it takes part in whatever begins now.
  bool active() const noexcept {
    return running_ && !stopping_;
  }

  // -- registry (dendrite_registry.cpp) ----------------------------------------

  void connect_registry();
  void registry_down(const caf::error& reason);
  void write(registry_write change);
  void write_own(const hosted& h);
  void record(const signal& sig);
  caf::result<std::vector<neuron_record>> read(const registry_filter& which);
  caf::result<void> answer_discover(const signal& sig);
  void answer_discover_later(const signal& sig);

  // -- handlers (dendrite_handlers.cpp) ----------------------------------------

  caf::result<uint64_t> handle(handler_spec spec);
  caf::expected<uint64_t> add_handler(handler_spec spec);
  void remove_handler(uint64_t number);
  void watch(signal_type_set types);
  void fire(const signal& sig);
  static calls::call job_for(const handler_table::handler_ptr& h,
                             const handler_line& line, const signal& sig);

  // -- decisions (dendrite_decisions.cpp) --------------------------------------

  caf::result<signal> await_decision(const signal& question,
                                     caf::timespan timeout);
  caf::error answer(const answer_signal& sig);
  void decide(const signal& sig);
  void end_decisions(const std::string& trace_id);

  // -- dispatching (dendrite_dispatch.cpp) -------------------------------------

  caf::error check_connected() const;
  caf::error check_room() const;
  caf::error check_dispatch(const dispatch_options& options) const;
  caf::expected<task_signal> make_task(dispatch_options options) const;
  void publish_task(const signal& task);
  caf::result<signal> dispatch_task(dispatch_options options);
  caf::expected<opened_pathway> open(dispatch_options options);
  caf::result<opened_pathway> dispatch(dispatch_options options);
  caf::result<signal> dispatch_and_wait(const std::string& task_id,
                                        dispatch_options options);
  caf::result<signal> dispatch_and_retry(const std::string& task_id,
                                         dispatch_options options);
  void end_retries();
  caf::error make_child(const std::string& task_id, dispatch_options& options);
  caf::result<opened_pathway> dispatch_for(const std::string& task_id,
                                           dispatch_options options);
  caf::result<opened_pathway> observe(const std::string& trace_id,
                                      size_t replay_cap);
  caf::error emit(const signal& sig);
  caf::result<signal> respond(dispatch_options options);
  opened_pathway spawn(pathway_setup setup, std::string role, bool finalized);
  void watch_deadlines();
  void expire();

  // -- bidding (dendrite_bidding.cpp) ------------------------------------------

  caf::result<opened_pathway> dispatch_offer(offer_options options);
  void take_bid(const signal& sig);
  void end_window(const std::string& trace_id, const std::string& offer_id);
  void settle(offers::iterator i);
  std::optional<signal> take_award_for(open_offer& o);
  signal make_award(const open_offer& o, const auction::bid& to) const;
  void award_refused(const std::string& trace_id, const std::string& award_id);
  void fail_offer(offers::iterator i, const caf::error& reason);
  offers::iterator end_offer(offers::iterator i);
  template <class Predicate>
  void end_offers(const std::string& trace_id, Predicate closed);
  void end_offers(const std::string& trace_id);
  void end_offer_of(const std::string& trace_id, uint64_t key);
  template <class Predicate>
  offers::iterator find_offer(const std::string& trace_id, Predicate wanted);
  void bid_for(const signal& offer);
  void take_award(const signal& sig);
  void serve(const std::string& neuron_id);
  void leave(const std::string& neuron_id);
  std::string ledger_key(std::string_view neuron_id) const;

  // -- Engrams and Effectors (dendrite_parts.cpp) ------------------------------

  template <class Hosting, class Part>
  caf::result<void> attach_part(Hosting& hosting, const Part& what,
                                const std::string& id, signal_type_set heard,
                                bool announce);
  void serve_parts(std::function<void()> done);
  void leave_parts(const std::string& reason, std::function<void()> done);
  bool hosts_nothing() const noexcept;
  caf::error attribute(const std::string& task_id, call_attribution about,
                       ec cancelled) const;

  // -- Engrams (dendrite_engrams.cpp) ------------------------------------------

  dendrite_actor::pointer actor() const noexcept override {
    return self_;
  }

  void say(const worker_signal& sig) override;
  void take_handler(handler_spec spec) override;
  void run_hook(std::function<void()> hook) override;
  void recovered(const rollback_order& order, const rollback_outcome& outcome,
                 const std::string& engram_id) override;
  caf::result<void> attach_engram(const engram& what, bool announce);
  void learn_engram(const signal& sig);
  bool knows_engram(const std::string& engram_id,
                    const std::string& engram_kind) const;
  caf::error check_calls() const;
  void add_call(const signal& sig, engram_calls::call what,
                caf::timespan timeout);
  caf::result<recall_result> recall(const std::string& task_id,
                                    recall_options options);
  void tell_each(engram_calls::call& what,
                 std::function<void(const recall_result&)> on_reply);
  caf::expected<imprint_signal> make_imprint(const std::string& task_id,
                                             imprint_options& options) const;
  caf::error imprint(const std::string& task_id, imprint_options options);
  caf::result<imprint_receipt> imprint_and_wait(const std::string& task_id,
                                                imprint_options options);

  // -- Effectors (dendrite_effectors.cpp) --------------------------------------

  caf::result<void> attach_effector(const effector& what, bool announce);
  caf::result<tool_outcome> call_tool(const std::string& task_id,
                                      call_tool_options options);

  // -- STOP (dendrite_stop.cpp) ------------------------------------------------

  /// A trace being stopped: what is closed once its writes are undone.
  struct stopping_trace {
    signal stop;
    /// Whether handlers are to see it.
    bool is_new = true;
    int64_t cancelled = 0;
    std::vector<pathway_actor> pathways = {};
    /// Whether somebody waited for the trace, and perhaps still does.
    bool waited_for = false;
    std::vector<std::string> engrams = {};
  };

  void stopped_by(const signal& sig);
  void stop_again(const signal& sig);
  /// By number, in order.
  using stopping_traces = std::map<uint64_t, stopping_trace>;

  void begin_stopping(stopping_trace what);
  stopping_traces::iterator find_stopping(const std::string& trace_id);
  void settle_writes(uint64_t number);
  void finish_stopping(uint64_t number, const rollback_outcome& outcome);
  void acknowledge(stopping_trace& what, const rollback_outcome& outcome);
  void finish_all_stopping();
  static json rollback_report_of(const rollback_outcome& what,
                                 const std::vector<std::string>& engram_ids);
  void stop_children(const signal& sig);
  void bury(const signal& sig);
  bool buried(const signal& sig);
  caf::error publish_stop(const signal& sig);
  caf::result<std::vector<signal>> stop_and_collect(const signal& sig,
                                                    caf::timespan length);
  caf::result<void> stop_and_roll_back(const signal& sig, caf::timespan limit);
  void take_ack(const signal& sig);
  void end_watch(const std::string& stop_id);
  void end_watches();

  // -- serving (dendrite_serving.cpp) ------------------------------------------

  void deliver(uint64_t subscription_id, const signal& sig);
  void execute(const signal& sig);
  void observe_task(const signal& sig);
  bool is_new(const signal& sig);
  hosted* select(const task_signal& task);
  void run_task(hosted& h, task_signal task);
  void replied(const std::string& task_id, const axon_reply& reply);
  void failed(const std::string& task_id, const caf::error& reason);
  void emit_for(const std::string& task_id, const worker_signal& sig);
  void emit_for(const std::string& task_id, const worker_signal& sig,
                const acceptance& done);
  void inbound(const signal& sig);
  void show(const signal& sig);
  void end_trace(const std::string& trace_id);
  void publish_error(const run& r, std::string code, std::string message,
                     bool recoverable);
  void publish_error(const signal& task, const std::string& neuron_id,
                     std::string code, std::string message, bool recoverable);

  // -- bus ----------------------------------------------------------------------

  void publish(const worker_signal& sig);
  void publish_to(const subject& where, const signal& sig);
  void ensure(signal_type_set types);
  void subscribe(uint64_t id, const subject& where,
                 std::optional<std::string> group);
  void unsubscribe(uint64_t id);
  void when_subscribed(const std::function<void(const caf::error&)>& then);
  template <class Atom>
  void tell_bus(uint64_t id, Atom what, subscription sub);
  const subject& subject_of(signal_type type) const {
    return subjects_[static_cast<size_t>(type)];
  }

  dendrite_actor::pointer self_;
  inbox_ptr box_;
  dendrite_options options_;
  synapse_actor bus_;
  environment_ptr env_;
  /// Of the bus; null if the bus is not one of this runtime's.
  inbox_ptr bus_box_;
  std::array<subject, signal_type_count> subjects_;
  subject routed_subject_;
  signal_type_set subscribed_;
  /// The group of the subscription to routed TASKs, while there is one.
  std::optional<std::string> routed_group_;
  /// Whether routed TASKs are watched, too.
  bool routed_watched_ = false;
  bool running_ = false;
  bool stopping_ = false;
  /// Changes with each start and stop: what was begun before is out of date.
  uint64_t epoch_ = 0;
  bool connected_ = true;

  /// In order of attachment, and by id.
  std::list<hosted> axons_;
  std::unordered_map<std::string, std::list<hosted>::iterator> axon_of_;
  /// How many of them are being detached.
  size_t leaving_ = 0;
  std::unordered_map<std::string, run> runs_;
  pathway_table pathways_;
  /// Callers of `dispatch_and_wait`: nobody else can ask for such a trace's
  /// Pathway, so there is none.
  struct caller {
    promise answer;
    /// Whether its TASK asked for a FINAL.
    bool finalized;
  };

  wait_table<caller> waits_;
  decision_table<promise> decisions_;
  offers offers_;
  /// Where it is, for the books of the runtime: a bus and a namespace.
  std::string place_;
  /// Calls that are tried again.
  std::unordered_set<caf::actor_addr> retries_;
  /// By id of the STOP.
  std::unordered_map<std::string, stop_watch> stop_watches_;
  /// What the TASKs that run here have dispatched.
  trace_tree traces_;
  stopping_traces stopping_traces_;
  uint64_t next_stopping_ = 0;
  /// Waits for a trace that is being stopped, by the id of the STOP.
  wait_table<caller> stopped_waits_;

  // -- Engrams -----------------------------------------------------------------

  engram_hosting engrams_;
  engram_calls engram_calls_;
  /// Engrams that others have announced, by id or kind.
  std::unordered_map<std::string, directed> known_engrams_;

  // -- Effectors ---------------------------------------------------------------

  effector_hosting effectors_;
  effector_calls effector_calls_;

  std::optional<clock::time_point> watching_until_;

  /// Pathways with handles outside, which may outlive their trace.
  struct lent {
    std::string trace_id;
    uint64_t key;
  };

  std::unordered_map<caf::actor_addr, lent> lent_;

  // -- handlers and hooks ------------------------------------------------------

  handler_table handlers_;

  std::unordered_map<uint64_t, handler_line> lines_;
  /// Shared with the calls under way: a hook may have a state.
  std::vector<std::shared_ptr<dendrite_hook>> hooks_;
  /// Hooks of the Dendrite and of its Axons, one after another.
  std::shared_ptr<calls> hook_calls_;
  std::shared_ptr<loops> schedules_;
  caf::disposable next_beat_;
  caf::disposable next_sweep_;

  // -- registry ----------------------------------------------------------------

  /// Null without a store, and when its actor has died.
  registry_actor registry_;
  restart_schedule registry_restarts_;
  caf::disposable registry_comeback_;
  /// Who was heard of since the sweep under way asked the store.
  std::optional<std::unordered_set<std::string>> heard_;
  /// Who waits for the store to be open.
  std::vector<caf::typed_response_promise<void>> start_answers_;

  /// A stop in progress: who asked, and with which words to say farewell.
  std::vector<caf::typed_response_promise<void>> stop_answers_;
  caf::disposable drain_;
  std::string stop_reason_;

  /// Stopped traces, so that what a STOP overtook is refused.
  struct tombstone {
    timestamp stopped_at;
    timestamp until;
    std::string stop_id;
    /// How that STOP was acknowledged, if it was.
    std::optional<payload::stopped> ack = {};
    json ack_meta = nullptr;
    /// Whether something could not be undone.
    bool incomplete = false;
  };

  std::unordered_map<std::string, tombstone> tombstones_;
  std::deque<std::string> tombstone_order_;

  uint64_t dedup_seed_;
  dedup_window executed_;
  std::array<std::optional<dedup_window>, signal_type_count> seen_;
};

dendrite_actor spawn_dendrite(environment_ptr env, synapse_actor bus,
                              dendrite_options options);

} // namespace cosmo::actors

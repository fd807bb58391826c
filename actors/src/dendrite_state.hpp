// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "dedup_window.hpp"
#include "environment.hpp"
#include "pathway_table.hpp"
#include "wait_table.hpp"

#include <cosmo/axon.hpp>
#include <cosmo/dendrite.hpp>

#include <caf/disposable.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <array>
#include <deque>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace cosmo::actors {

/// The Dendrite: guards what goes out, routes what comes in, knows which TASKs
/// run and which traces are watched.
/// @source dendrite.md sections 3 to 13, 16 and 26
class dendrite_state {
public:
  static inline const char* name = "cosmo.dendrite";

  dendrite_state(dendrite_actor::pointer self, dendrite_options options,
                 synapse_actor bus, environment_ptr env);

  /// Whatever ended the actor, nobody is left waiting.
  ~dendrite_state();

  dendrite_actor::behavior_type make_behavior();

private:
  using clock = caf::actor_clock;

  /// One Axon and, while it serves, its actor.
  struct hosted {
    axon what;
    axon_actor actor;
    /// Being detached: takes no more work, and who waits for the end of it.
    bool leaving = false;
    std::string farewell;
    caf::typed_response_promise<void> detached;
    caf::disposable drain = {};
  };

  /// One TASK in the hands of an Axon.
  struct run {
    task_signal task;
    std::string neuron_id;
    axon_actor actor;
  };

  // -- hosting (dendrite_hosting.cpp) ------------------------------------------

  caf::error attach(const axon& what, bool announce);
  caf::result<void> detach(const std::string& neuron_id, std::string reason);
  caf::error start();
  caf::result<void> stop(std::string reason);
  void finish_detach(const std::string& neuron_id);
  void finish_stop();
  template <class Predicate>
  void finish_detaching(Predicate done);
  void check_drained();
  void down(const caf::down_msg& msg);
  void activate(hosted& h);
  void deactivate(hosted& h, const std::string& reason);
  void subscribe_tasks();
  void unsubscribe_tasks();
  void unsubscribe_all();
  void axon_down(hosted& h, const caf::error& reason);
  void synapse_down();
  void close_pathways(const std::string& why);
  bool busy(std::string_view neuron_id) const;
  template <class Predicate>
  void abandon(Predicate affected);
  std::vector<std::string> capabilities() const;
  hosted* find(const std::string& neuron_id);

  // -- dispatching (dendrite_dispatch.cpp) -------------------------------------

  caf::error check_connected() const;
  caf::error check_orchestrator(std::string_view operation) const;
  caf::error check_dispatch(const dispatch_options& options) const;
  caf::expected<task_signal> make_task(dispatch_options options) const;
  void publish_task(const signal& task);
  caf::result<signal> dispatch_task(dispatch_options options);
  caf::result<opened_pathway> dispatch(dispatch_options options);
  caf::result<signal> dispatch_and_wait(dispatch_options options);
  caf::result<opened_pathway> observe(const std::string& trace_id);
  caf::error emit(const signal& sig);
  opened_pathway spawn(const std::string& trace_id, scope s, std::string role);
  void watch_deadlines();
  void expire();

  // -- serving (dendrite_serving.cpp) ------------------------------------------

  void deliver(uint64_t subscription_id, const signal& sig);
  void execute(const signal& sig);
  hosted* select(const task_signal& task);
  void run_task(hosted& h, task_signal task);
  void replied(const std::string& task_id, const axon_reply& reply);
  void failed(const std::string& task_id, const caf::error& reason);
  void emit_for(const std::string& task_id, const worker_signal& sig);
  void inbound(const signal& sig);
  void show(const signal& sig);
  void stopped_by(const signal& sig);
  void publish_error(const run& r, std::string code, std::string message,
                     bool recoverable);
  void publish_error(const signal& task, const std::string& neuron_id,
                     std::string code, std::string message, bool recoverable);
  void bury(const signal& sig);
  bool buried(const signal& sig);

  // -- bus ----------------------------------------------------------------------

  void publish(const worker_signal& sig);
  void publish_to(const subject& where, const signal& sig);
  void ensure(signal_type_set types);
  void subscribe(uint64_t id, const subject& where,
                 std::optional<std::string> group);
  void unsubscribe(uint64_t id);
  template <class Atom>
  void tell_bus(uint64_t id, Atom what, subscription sub);
  const subject& subject_of(signal_type type) const {
    return subjects_[static_cast<size_t>(type)];
  }

  dendrite_actor::pointer self_;
  dendrite_options options_;
  synapse_actor bus_;
  environment_ptr env_;
  std::array<subject, signal_type_count> subjects_;
  subject routed_subject_;
  signal_type_set subscribed_;
  bool routed_ = false;
  bool running_ = false;
  bool stopping_ = false;
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
  wait_table<caf::typed_response_promise<signal>> waits_;
  std::optional<clock::time_point> watching_until_;

  /// Pathways with handles outside, which may outlive their trace.
  struct lent {
    std::string trace_id;
    uint64_t key;
  };

  std::unordered_map<caf::actor_addr, lent> lent_;

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
  };

  std::unordered_map<std::string, tombstone> tombstones_;
  std::deque<std::string> tombstone_order_;

  dedup_window executed_;
  std::array<std::optional<dedup_window>, signal_type_count> seen_;
};

dendrite_actor spawn_dendrite(environment_ptr env, synapse_actor bus,
                              dendrite_options options);

} // namespace cosmo::actors

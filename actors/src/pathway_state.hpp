// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "environment.hpp"
#include "pathway_log.hpp"
#include "serial_calls.hpp"

#include <caf/disposable.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace cosmo::actors {

/// How a Pathway is opened.
struct pathway_setup {
  std::string trace_id;
  /// The owner's name for this Pathway.
  uint64_t key = 0;
  cosmo::scope scope = cosmo::scope::all;
  /// How many Signals it keeps, and how many calls may wait.
  size_t replay_cap = no_replay_cap;
  /// Whom to tell when it closes.
  caf::actor_addr owner = {};
};

/// Owns the log of a trace and everybody who waits for it.
/// @source dendrite.md sections 13 and 26
class pathway_state {
public:
  static inline const char* name = "cosmo.pathway";

  pathway_state(pathway_actor::pointer self, pathway_setup setup,
                environment_ptr env);

  pathway_actor::behavior_type make_behavior();

private:
  using promise = caf::typed_response_promise<signal>;

  struct waiter {
    uint64_t id;
    signal_type_set types;
    promise answer;
    caf::disposable timer;
  };

  void deliver(const signal& sig);
  caf::result<signal> wait(signal_type_set types, caf::timespan timeout);
  void give_up(uint64_t waiter_id);
  caf::result<signal> next();
  void on(pathway_callback callback);
  void close(const caf::error& reason);

  void call(const pathway_callback& callback, const signal& sig);
  void miss(const signal& sig);

  pathway_actor::pointer self_;
  pathway_setup setup_;
  environment_ptr env_;
  pathway_log log_;
  std::vector<waiter> waiters_;
  std::deque<promise> readers_;
  std::vector<pathway_callback> callbacks_;
  std::shared_ptr<serial_calls<pathway_actor::pointer>> calls_;
  uint64_t next_waiter_ = 0;
};

pathway_actor spawn_pathway(dendrite_actor::pointer owner, pathway_setup setup,
                            environment_ptr env);

} // namespace cosmo::actors

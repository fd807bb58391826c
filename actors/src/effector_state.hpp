// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "effector_use.hpp"
#include "environment.hpp"
#include "serial_calls.hpp"
#include <cosmo/effector.hpp>

#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <deque>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace cosmo::actors {

/// An Effector's actor, which is told when it is its turn to use the backend.
using waiting_effector_actor
  = effector_actor::extend<caf::result<void>(next_atom)>;

/// Runs the tools of an Effector on workers, so many at a time.
/// @source neurons.md 17.3 and 17.4
class effector_state {
public:
  static inline const char* name = "cosmo.effector";

  effector_state(waiting_effector_actor::pointer self,
                 effector_backend_ptr backend, environment_ptr env);

  ~effector_state();

  waiting_effector_actor::behavior_type make_behavior();

private:
  using promise = caf::typed_response_promise<worker_signal>;
  using calls = serial_calls<waiting_effector_actor::pointer>;

  /// One call in the hands of a worker, or waiting for one.
  struct run {
    signal request;
    caf::actor_clock::time_point received;
    promise answer;
    std::stop_source stop = {};
    /// What the tool came to; nothing if this Effector has no such tool.
    std::optional<tool_outcome> outcome = {};
    /// Keeps the backend open until the tool has returned.
    effector_use_ptr use = {};
  };

  using run_ptr = std::shared_ptr<run>;

  /// A connect that waits for its turn.
  struct connecting {
    effector_use_ptr use;
    calls::place place;
    std::shared_ptr<caf::error> outcome;
  };

  /// A close that waits for the workers.
  struct closing {
    effector_use_ptr use;
    calls::place place;
  };

  caf::result<void> connect();
  void may_connect();
  caf::result<void> close();
  void may_close();
  caf::result<worker_signal> serve(hosted_request request);
  void cancel(const std::string& trace_id);
  void start_waiting();
  void start(const run_ptr& what);
  void finish(const run_ptr& what, const caf::error& lost);
  template <class Predicate>
  std::vector<run_ptr> take(Predicate wanted);
  bool is_late(const run& what) const;

  waiting_effector_actor::pointer self_;
  effector_backend_ptr backend_;
  environment_ptr env_;
  std::deque<run_ptr> waiting_;
  /// Those that have not been answered.
  std::vector<run_ptr> running_;
  /// How many workers are busy, be it with calls that nobody waits for.
  size_t busy_ = 0;
  /// Connects and closes, one after another.
  std::shared_ptr<calls> lifecycle_;
  std::vector<connecting> connecting_;
  std::vector<closing> closing_;
  /// Null while there is nothing to close.
  effector_use_ptr use_;
};

effector_actor spawn_effector(environment_ptr env,
                              effector_backend_ptr backend);

/// What an Effector that cannot run a tool says to a TOOL_CALL.
worker_signal refused_tool_call(const signal_builder& build, const signal& to,
                                const effector_description& by,
                                std::string error);

} // namespace cosmo::actors

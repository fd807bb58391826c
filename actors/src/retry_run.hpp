// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "serial_calls.hpp"
#include <cosmo/retry.hpp>

#include <caf/disposable.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <memory>
#include <string>

namespace cosmo::actors {

/// One call that is tried again: attempt, judgement, STOP, pause, and so on.
/// The only loop of its kind; nothing below it tries anything twice.
/// @source dendrite.md sections 15 and 26
class retry_run {
public:
  static inline const char* name = "cosmo.retry_run";

  retry_run(retry_actor::pointer self, dendrite_actor::pointer owner,
            std::string task_id, dispatch_options options, environment_ptr env);

  retry_actor::behavior_type make_behavior();

private:
  using calls = serial_calls<retry_actor::pointer>;

  /// The Dendrite, unless it is gone.
  dendrite_actor owner() const;

  void attempt();
  void judge(attempt_outcome outcome);
  void decide(const attempt_outcome& outcome, bool again);
  void give_up_trace(const attempt_outcome& outcome, bool last);
  void prepare_next(const attempt_outcome& outcome);
  void pause(caf::timespan length);
  void finish(const attempt_outcome& outcome);
  void end(const char* why);

  retry_actor::pointer self_;
  caf::actor_addr owner_;
  /// On whose behalf, if anybody's.
  std::string task_id_;
  dispatch_options options_;
  retry_strategy strategy_;
  environment_ptr env_;
  caf::typed_response_promise<signal> answer_;
  /// Calls of the strategy's functions.
  std::shared_ptr<calls> calls_;
  int attempt_ = 0;
  /// Of the attempt under way.
  std::string trace_id_;
  bool stopping_ = false;
  bool pausing_ = false;
  caf::disposable timer_;
};

retry_actor spawn_retry_run(dendrite_actor::pointer owner, std::string task_id,
                            dispatch_options options, environment_ptr env);

} // namespace cosmo::actors

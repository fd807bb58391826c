// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "axon_run.hpp"
#include "environment.hpp"
#include "recognition.hpp"
#include <cosmo/axon.hpp>

#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <deque>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

namespace cosmo::actors {

/// Runs the Neuron of one Axon, any number of TASKs at a time. Asynchronous
/// Neurons never hold a thread; plain ones, and hooks, run on workers.
/// @source neurons.md section 4
class axon_state {
public:
  static inline const char* name = "cosmo.axon";

  axon_state(axon_actor::pointer self, axon what, dendrite_actor::pointer host,
             environment_ptr env);

  ~axon_state();

  axon_actor::behavior_type make_behavior();

private:
  using promise = caf::typed_response_promise<axon_reply>;

  struct pending {
    axon_run_ptr run;
    promise answer;
  };

  caf::result<axon_reply> accept(task_signal task);
  caf::result<axon_reply> remember(const axon_run_ptr& run);
  void cancel(const std::string& task_id);

  // -- the steps of a run, off the scheduler where user code may block ---------

  bool blocks(const axon_run& run) const;
  void run_blocking(const axon_run_ptr& run);
  void go_on(const axon_run_ptr& run);
  std::optional<caf::expected<json>> call_async(const axon_run_ptr& run);
  void call_actor(const axon_run_ptr& run);
  void finish(uint64_t number, caf::expected<json> raw);
  void finish_blocking(const axon_run_ptr& run, caf::expected<json> raw);

  // -- calls of tools, one after another ----------------------------------------

  /// The calls that a result has asked for, and what became of the first.
  struct acting {
    axon_run_ptr run;
    std::vector<tool_intent> calls;
    size_t limit;
    std::vector<json> seen = {};
  };

  using acting_ptr = std::shared_ptr<acting>;

  void act(const axon_run_ptr& run, std::vector<tool_intent> calls);
  void go_on(const acting_ptr& what);
  bool call_tool(const acting_ptr& what);

  // -- workers -----------------------------------------------------------------

  void work(const axon_run_ptr& run, std::function<void()> job);
  void start_waiting_work();
  void release(worker_actor worker);

  // -- answers -----------------------------------------------------------------

  void answer(uint64_t number, run_reply reply);
  axon_reply make_reply(const axon_run& run, run_reply reply);
  void lost(uint64_t number, const caf::error& reason);

  axon_actor::pointer self_;
  axon axon_;
  /// Shared by all runs.
  axon_run::shared_identity who_;
  caf::actor_addr host_;
  environment_ptr env_;
  std::unordered_map<uint64_t, pending> runs_;
  std::unordered_map<std::string, uint64_t> numbers_;
  uint64_t next_number_ = 0;

  struct waiting_work {
    uint64_t number;
    /// What it is a step of, unless a Neuron has posted it: that is run even
    /// if nobody waits for its outcome any more.
    axon_run_ptr run;
    std::function<void()> job;
  };

  std::deque<waiting_work> waiting_;
  size_t busy_ = 0;
};

axon_actor spawn_axon(dendrite_actor::pointer host, axon what,
                      environment_ptr env);

} // namespace cosmo::actors

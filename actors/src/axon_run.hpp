// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "environment.hpp"
#include "recognition.hpp"
#include <cosmo/neuron.hpp>

#include <caf/actor_addr.hpp>

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace cosmo::actors {

/// One TASK in the hands of a Neuron: what it works on, how to cancel it, and
/// its side of `neuron_io`. Shared by the Axon, its worker and the Neuron.
class axon_run : public neuron_io::host {
public:
  /// What all runs of an Axon share. Not the Axon itself: a Neuron that keeps
  /// promises would keep itself alive.
  struct identity {
    std::string neuron_id;
    std::vector<engram_binding> engrams;
    std::vector<effector_binding> effectors;
    caf::actor_addr axon;
  };

  using shared_identity = std::shared_ptr<const identity>;

  axon_run(uint64_t number, task_signal task, shared_identity who,
           caf::actor_addr hosted_by, environment_ptr env);

  // -- the work ---------------------------------------------------------------

  /// The Axon's number of this run.
  uint64_t number() const noexcept {
    return number_;
  }

  const task_signal& task() const noexcept {
    return task_;
  }

  const json& input() const noexcept {
    return replaced_ ? *replaced_ : task_.data().input;
  }

  const json& context() const noexcept {
    return context_;
  }

  /// Fetches the context and runs the `before_task` hooks.
  caf::error prepare(const axon_options& options, const axon::hooks& hooks);

  /// Adds what the Neuron is told about tools to an input that is an object.
  void offer(const json& tools);

  /// Where a worker leaves what it made of the TASK.
  std::optional<run_reply> reply;

  void request_stop();

  const environment& env() const noexcept {
    return *env_;
  }

  bool stop_requested() const noexcept {
    return stopped_;
  }

  /// Marks the time in which an asynchronous Neuron holds a scheduler thread.
  class call_guard {
  public:
    call_guard() noexcept;
    ~call_guard();
    call_guard(const call_guard&) = delete;
    call_guard& operator=(const call_guard&) = delete;
  };

  // -- neuron_io::host --------------------------------------------------------

  task_scope scope() const noexcept override {
    return {task_.trace_id(), task_.id(), who_->neuron_id};
  }

  std::stop_token stop_token() const override;

  void think(std::string delta) override;
  void think(std::string delta, neuron_io::think_done done) override;
  void escalate(std::string reason, std::optional<std::string> target,
                json context) override;
  caf::expected<pathway> dispatch(dispatch_options options) override;
  void dispatch(dispatch_options options,
                neuron_io::dispatch_done done) override;
  caf::disposable run_delayed(std::chrono::nanoseconds time,
                              std::function<void()> fn) override;
  void post(std::function<void()> job) override;
  caf::expected<recall_result> recall(std::string_view name,
                                      recall_options what) override;
  void recall(std::string_view name, recall_options what,
              neuron_io::recall_done done) override;
  caf::expected<std::optional<imprint_receipt>>
  imprint(std::string_view name, imprint_options what) override;
  void imprint(std::string_view name, imprint_options what,
               neuron_io::imprint_done done) override;
  const std::vector<effector_binding>& effectors() const noexcept override {
    return who_->effectors;
  }
  caf::expected<tool_outcome> call_tool(std::string_view name,
                                        call_tool_options what) override;
  void call_tool(std::string_view name, call_tool_options what,
                 neuron_io::tool_done done) override;

private:
  /// Says something while the TASK runs. `more` goes along with it.
  template <class Payload, class... Ts>
  void emit(Payload payload, Ts... more);

  /// The Dendrite, if waiting for it is possible.
  caf::expected<dendrite_actor> host_to_wait_for(const char* operation) const;
  /// Addresses an operation to the Engram of this name.
  caf::expected<dendrite_actor> bind(std::string_view name,
                                     recall_options& what) const;
  caf::expected<dendrite_actor> bind(std::string_view name,
                                     imprint_options& what) const;
  caf::expected<const engram_binding*> engram(std::string_view name) const;
  template <class Options>
  caf::expected<dendrite_actor> address(const engram_binding& to,
                                        Options& what) const;
  caf::expected<dendrite_actor> bind(std::string_view name,
                                     call_tool_options& what) const;
  caf::expected<dendrite_actor> host_unless_cancelled(ec cancelled) const;

  uint64_t number_;
  task_signal task_;
  shared_identity who_;
  std::optional<json> replaced_;
  json context_ = json::array();
  /// Most Neurons never ask, so it is made on demand.
  mutable std::mutex stop_mutex_;
  mutable std::optional<std::stop_source> stop_;
  std::atomic<bool> stopped_ = false;
  std::atomic<int64_t> next_thought_ = 0;
  // Weak: a Neuron that keeps its io must not keep the Dendrite alive.
  caf::actor_addr host_;
  environment_ptr env_;
};

using axon_run_ptr = std::shared_ptr<axon_run>;

} // namespace cosmo::actors

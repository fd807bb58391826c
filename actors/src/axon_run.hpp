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

namespace cosmo::actors {

/// One TASK in the hands of a Neuron: what it works on, how to cancel it, and
/// its side of `neuron_io`. Shared by the Axon, its worker and the Neuron.
class axon_run : public neuron_io::host {
public:
  using shared_text = std::shared_ptr<const std::string>;

  axon_run(uint64_t number, task_signal task, shared_text neuron_id,
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

  /// Where a worker leaves what it made of the TASK.
  std::optional<reply_payload> reply;

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
    return {task_.trace_id(), task_.id(), *neuron_id_};
  }

  std::stop_token stop_token() const override;

  void think(std::string delta) override;
  void escalate(std::string reason, std::optional<std::string> target,
                json context) override;
  caf::expected<pathway> dispatch(dispatch_options options) override;

private:
  template <class Payload>
  void emit(Payload payload);

  uint64_t number_;
  task_signal task_;
  // Not the Axon: a Neuron that keeps promises would keep itself alive.
  shared_text neuron_id_;
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

// SPDX-License-Identifier: Apache-2.0
#include "axon_run.hpp"

#include "ask.hpp"
#include <cosmo/dendrite.hpp>

#include <caf/actor_cast.hpp>

namespace cosmo::actors {

namespace {

thread_local bool holds_scheduler_thread = false;

} // namespace

axon_run::call_guard::call_guard() noexcept {
  holds_scheduler_thread = true;
}

axon_run::call_guard::~call_guard() {
  holds_scheduler_thread = false;
}

axon_run::axon_run(uint64_t number, task_signal task, shared_text neuron_id,
                   caf::actor_addr hosted_by, environment_ptr env)
  : number_(number),
    task_(std::move(task)),
    neuron_id_(std::move(neuron_id)),
    host_(std::move(hosted_by)),
    env_(std::move(env)) {
  // nop
}

caf::error axon_run::prepare(const axon_options& options,
                             const axon::hooks& hooks) {
  context_ = fetch_context(options, task_.data());
  auto replaced = prepare_input(hooks, task_.data().input);
  if (!replaced)
    return replaced.error();
  replaced_ = std::move(*replaced);
  return {};
}

void axon_run::request_stop() {
  std::optional<std::stop_source> stop;
  {
    std::lock_guard guard{stop_mutex_};
    stopped_ = true;
    stop = stop_;
  }
  // Runs callbacks of the Neuron, which may ask for the token again.
  if (stop)
    stop->request_stop();
}

std::stop_token axon_run::stop_token() const {
  std::lock_guard guard{stop_mutex_};
  if (!stop_) {
    stop_.emplace();
    if (stopped_)
      stop_->request_stop();
  }
  return stop_->get_token();
}

template <class Payload>
void axon_run::emit(Payload payload) {
  auto owner = caf::actor_cast<dendrite_actor>(host_);
  if (!owner || stop_requested())
    return;
  worker_signal sig = env_->build.make(std::move(payload),
                                       {.trace_id = task_.trace_id(),
                                        .parent_id = task_.id(),
                                        .directed = directed::to(*neuron_id_)});
  env_->send(owner, emit_atom_v, task_.id(), std::move(sig));
}

void axon_run::think(std::string delta) {
  emit(payload::thought_delta{std::move(delta), next_thought_++});
}

void axon_run::escalate(std::string reason, std::optional<std::string> target,
                        json context) {
  payload::escalation what{std::move(reason), std::move(target), {}};
  if (!what.target)
    what.target = *neuron_id_;
  if (!context.is_null())
    what.context = std::move(context);
  emit(std::move(what));
}

caf::expected<pathway> axon_run::dispatch(dispatch_options options) {
  // It waits for the Dendrite, which may need this very thread.
  if (holds_scheduler_thread)
    return make_error(ec::bad_argument,
                      "io.dispatch waits: an asynchronous Neuron must call it "
                      "from a thread of its own: "
                        + *neuron_id_);
  auto owner = caf::actor_cast<dendrite_actor>(host_);
  if (!owner)
    return make_error(ec::not_attached,
                      "the Dendrite of " + *neuron_id_ + " is gone");
  if (stop_requested())
    return make_error(ec::cancelled, "the TASK was cancelled");
  auto opened = ask<opened_pathway>(*env_, owner, dispatch_atom_v, task_.id(),
                                    std::move(options));
  if (!opened)
    return opened.error();
  return pathway{std::move(*opened), env_};
}

} // namespace cosmo::actors

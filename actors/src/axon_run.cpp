// SPDX-License-Identifier: Apache-2.0
#include "axon_run.hpp"

#include "ask.hpp"
#include "durations.hpp"
#include <cosmo/dendrite.hpp>

#include <caf/action.hpp>
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

axon_run::axon_run(uint64_t number, task_signal task, shared_identity who,
                   caf::actor_addr hosted_by, environment_ptr env)
  : number_(number),
    task_(std::move(task)),
    who_(std::move(who)),
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

void axon_run::offer(const json& tools) {
  if (tools.empty() || !input().is_object())
    return;
  auto next = input();
  next["tools"] = tools;
  replaced_ = std::move(next);
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

template <class Payload, class... Ts>
void axon_run::emit(Payload payload, Ts... more) {
  auto owner = caf::actor_cast<dendrite_actor>(host_);
  if (!owner || stop_requested())
    return;
  worker_signal sig = env_->build.make(
    std::move(payload), {.trace_id = task_.trace_id(),
                         .parent_id = task_.id(),
                         .directed = directed::to(who_->neuron_id)});
  env_->send(owner, emit_atom_v, task_.id(), std::move(sig),
             std::move(more)...);
}

void axon_run::think(std::string delta) {
  emit(payload::thought_delta{std::move(delta), next_thought_++});
}

void axon_run::think(std::string delta, neuron_io::think_done done) {
  emit(payload::thought_delta{std::move(delta), next_thought_++},
       acceptance{std::move(done)});
}

void axon_run::escalate(std::string reason, std::optional<std::string> target,
                        json context) {
  payload::escalation what{std::move(reason), std::move(target), {}};
  if (!what.target)
    what.target = who_->neuron_id;
  if (!context.is_null())
    what.context = std::move(context);
  emit(std::move(what));
}

caf::expected<dendrite_actor>
axon_run::host_to_wait_for(const char* operation) const {
  // It waits for the Dendrite, which may need this very thread.
  if (holds_scheduler_thread)
    return make_error(ec::bad_argument,
                      std::string{operation}
                        + " waits: an asynchronous Neuron must call it from a "
                          "thread of its own: "
                        + who_->neuron_id);
  auto owner = caf::actor_cast<dendrite_actor>(host_);
  if (!owner)
    return make_error(ec::not_attached,
                      "the Dendrite of " + who_->neuron_id + " is gone");
  if (stop_requested())
    return make_error(ec::cancelled, "the TASK was cancelled");
  return owner;
}

caf::expected<pathway> axon_run::dispatch(dispatch_options options) {
  auto owner = host_to_wait_for("io.dispatch");
  if (!owner)
    return std::move(owner.error());
  auto opened = ask<opened_pathway>(*env_, *owner, dispatch_atom_v, task_.id(),
                                    std::move(options));
  if (!opened)
    return opened.error();
  return pathway{std::move(*opened), env_};
}

void axon_run::dispatch(dispatch_options options,
                        neuron_io::dispatch_done done) {
  auto owner = caf::actor_cast<dendrite_actor>(host_);
  if (!owner)
    return done(make_error(ec::not_attached,
                           "the Dendrite of " + who_->neuron_id + " is gone"));
  if (stop_requested())
    return done(make_error(ec::cancelled, "the TASK was cancelled"));
  ask_later<signal>(*env_, owner, std::move(done), dispatch_atom_v, wait_atom_v,
                    task_.id(), std::move(options));
}

// -- time and threads ----------------------------------------------------------

caf::disposable axon_run::run_delayed(std::chrono::nanoseconds time,
                                      std::function<void()> fn) {
  caf::disposable result;
  env_->use_system([&](caf::actor_system& sys) {
    auto& clock = sys.clock();
    result = clock.schedule(clock.now() + within_clock(caf::timespan{time}),
                            caf::make_action(std::move(fn)));
  });
  return result;
}

void axon_run::post(std::function<void()> job) {
  if (auto axon = caf::actor_cast<axon_actor>(who_->axon))
    env_->send(axon, run_atom_v, number_, blocking_job{std::move(job)});
}

// -- shared memory -------------------------------------------------------------

namespace {

/// The binding of this name, or an error with the names there are.
template <class Binding>
caf::expected<const Binding*>
find_binding(const std::vector<Binding>& all, std::string_view name, ec code,
             const std::string& whose, const char* what) {
  std::string names;
  for (auto& b : all) {
    if (b.name == name)
      return &b;
    names += (names.empty() ? "" : ", ") + b.name;
  }
  return make_error(code,
                    whose + " declares no " + what + ' ' + std::string{name}
                      + "; declared: " + (names.empty() ? "none" : names));
}

} // namespace

/// @source engram.md 7.2
caf::expected<const engram_binding*>
axon_run::engram(std::string_view name) const {
  return find_binding(who_->engrams, name, ec::engram_not_bound,
                      who_->neuron_id, "Engram");
}

caf::expected<dendrite_actor>
axon_run::host_unless_cancelled(ec cancelled) const {
  auto owner = caf::actor_cast<dendrite_actor>(host_);
  if (!owner || stop_requested())
    return make_error(cancelled, "the TASK was cancelled");
  return owner;
}

template <class Options>
caf::expected<dendrite_actor> axon_run::address(const engram_binding& to,
                                                Options& what) const {
  what.engram_id = to.directed_id.value_or("");
  what.engram_kind = to.directed_type.value_or("");
  if (!what.deadline)
    what.deadline = to.default_deadline;
  return host_unless_cancelled(ec::engram_cancelled);
}

caf::expected<dendrite_actor> axon_run::bind(std::string_view name,
                                             recall_options& what) const {
  auto to = engram(name);
  if (!to)
    return std::move(to.error());
  if (!what.mode)
    what.mode = (*to)->default_recall_mode;
  return address(**to, what);
}

caf::expected<dendrite_actor> axon_run::bind(std::string_view name,
                                             imprint_options& what) const {
  auto to = engram(name);
  if (!to)
    return std::move(to.error());
  return address(**to, what);
}

caf::expected<recall_result> axon_run::recall(std::string_view name,
                                              recall_options what) {
  auto owner = bind(name, what);
  if (!owner)
    return std::move(owner.error());
  if (auto able = host_to_wait_for("io.recall"); !able)
    return std::move(able.error());
  return ask<recall_result>(*env_, *owner, recall_atom_v, task_.id(),
                            std::move(what));
}

void axon_run::recall(std::string_view name, recall_options what,
                      neuron_io::recall_done done) {
  auto owner = bind(name, what);
  if (!owner)
    return done(std::move(owner.error()));
  ask_later<recall_result>(*env_, *owner, std::move(done), recall_atom_v,
                           task_.id(), std::move(what));
}

caf::expected<std::optional<imprint_receipt>>
axon_run::imprint(std::string_view name, imprint_options what) {
  auto owner = bind(name, what);
  if (!owner)
    return std::move(owner.error());
  if (auto able = host_to_wait_for("io.imprint"); !able)
    return std::move(able.error());
  if (!what.await_ack) {
    if (auto err
        = ask<void>(*env_, *owner, imprint_atom_v, task_.id(), std::move(what)))
      return err;
    return std::optional<imprint_receipt>{};
  }
  auto receipt = ask<imprint_receipt>(*env_, *owner, imprint_atom_v,
                                      wait_atom_v, task_.id(), std::move(what));
  if (!receipt)
    return std::move(receipt.error());
  return std::optional{std::move(*receipt)};
}

void axon_run::imprint(std::string_view name, imprint_options what,
                       neuron_io::imprint_done done) {
  auto owner = bind(name, what);
  if (!owner)
    return done(std::move(owner.error()));
  if (!what.await_ack) {
    auto published = [done = std::move(done)](caf::error err) {
      err ? done(std::move(err)) : done(std::optional<imprint_receipt>{});
    };
    return ask_later<void>(*env_, *owner, std::move(published), imprint_atom_v,
                           task_.id(), std::move(what));
  }
  auto acknowledged
    = [done = std::move(done)](caf::expected<imprint_receipt> receipt) {
        receipt ? done(std::optional{std::move(*receipt)})
                : done(std::move(receipt.error()));
      };
  ask_later<imprint_receipt>(*env_, *owner, std::move(acknowledged),
                             imprint_atom_v, wait_atom_v, task_.id(),
                             std::move(what));
}

// -- tools ---------------------------------------------------------------------

/// @source neurons.md 17.5
caf::expected<dendrite_actor> axon_run::bind(std::string_view name,
                                             call_tool_options& what) const {
  auto to = find_binding(who_->effectors, name, ec::effector_not_bound,
                         who_->neuron_id, "Effector");
  if (!to)
    return std::move(to.error());
  what.effector_id = (*to)->directed_id.value_or("");
  what.effector_kind = (*to)->directed_type.value_or("");
  if (!what.deadline)
    what.deadline = (*to)->default_deadline;
  return host_unless_cancelled(ec::effector_cancelled);
}

caf::expected<tool_outcome> axon_run::call_tool(std::string_view name,
                                                call_tool_options what) {
  auto owner = bind(name, what);
  if (!owner)
    return std::move(owner.error());
  if (auto able = host_to_wait_for("io.call_tool"); !able)
    return std::move(able.error());
  return ask<tool_outcome>(*env_, *owner, tool_atom_v, task_.id(),
                           std::move(what));
}

void axon_run::call_tool(std::string_view name, call_tool_options what,
                         neuron_io::tool_done done) {
  auto owner = bind(name, what);
  if (!owner)
    return done(std::move(owner.error()));
  ask_later<tool_outcome>(*env_, *owner, std::move(done), tool_atom_v,
                          task_.id(), std::move(what));
}

} // namespace cosmo::actors

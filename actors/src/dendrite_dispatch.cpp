// SPDX-License-Identifier: Apache-2.0
#include "dendrite_state.hpp"
#include "pathway_state.hpp"
#include "retry_run.hpp"
#include "role_guard.hpp"
#include <cosmo/caf_compat.hpp>

namespace cosmo::actors {

caf::error
dendrite_state::check_dispatch(const dispatch_options& options) const {
  if (auto err = check_orchestrator(options_, "dispatch"))
    return err;
  if (options.neuron.empty() && options.capabilities.empty())
    return make_error(ec::bad_argument,
                      "dispatch needs a neuron or capabilities");
  if (!options.input.is_object())
    return make_error(ec::bad_argument,
                      std::string{"input must be an object, not "}
                        + options.input.type_name());
  return check_room();
}

caf::error dendrite_state::check_connected() const {
  if (connected_)
    return {};
  return make_error(ec::not_connected, "not connected: the Synapse of "
                                         + options_.dendrite_id + " has ended");
}

/// What users publish is refused while the bus has too much to do; what the
/// protocol answers is not.
caf::error dendrite_state::check_room() const {
  if (connected_ && bus_box_ && bus_box_->full())
    return overloaded(*bus_box_);
  return check_connected();
}

caf::expected<task_signal>
dendrite_state::make_task(dispatch_options options) const {
  if (auto err = check_dispatch(options))
    return err;
  auto finalize = options.finalize.value_or(options.scope == scope::terminal);
  envelope_options about{.trace_id = std::move(options.trace_id),
                         .parent_id = std::move(options.parent_id),
                         .meta = std::move(options.meta)};
  if (!options.neuron.empty())
    about.directed = directed::to(options.neuron);
  return env_->build(payload::task{std::move(options.input),
                                   std::move(options.context_ref),
                                   std::move(options.capabilities), finalize},
                     std::move(about));
}

void dendrite_state::publish_task(const signal& task) {
  auto payload = task.get_if<payload::task>();
  auto routed
    = task.directed_id().empty() && payload && !payload->capabilities.empty();
  publish_to(routed ? routed_subject_ : subject_of(signal_type::TASK), task);
}

caf::result<signal> dendrite_state::dispatch_task(dispatch_options options) {
  auto task = make_task(std::move(options));
  if (!task)
    return task.error();
  publish_task(*task);
  return signal{std::move(*task)};
}

caf::result<signal> dendrite_state::respond(dispatch_options options) {
  // Whoever waits for the FINAL of this trace still waits for it.
  if (!options.finalize && options.trace_id) {
    auto& trace_id = *options.trace_id;
    options.finalize
      = pathways_.finalized(trace_id)
        || waits_.any(trace_id, [](const caller& c) { return c.finalized; });
  }
  return dispatch_task(std::move(options));
}

/// Chooses who hears of its end.
opened_pathway dendrite_state::spawn(pathway_setup setup, std::string role,
                                     bool finalized) {
  setup.key = pathways_.next_key();
  setup.owner = self_->address();
  auto hdl = spawn_pathway(self_, setup, env_);
  self_->monitor(hdl);
  lent_.emplace(hdl.address(), lent{setup.trace_id, setup.key});
  pathways_.add(setup.trace_id, setup.key, hdl, finalized);
  return {hdl, std::move(setup.trace_id), std::nullopt, std::move(role),
          setup.scope};
}

caf::expected<opened_pathway> dendrite_state::open(dispatch_options options) {
  if (options.retry)
    return make_error(ec::bad_argument,
                      "only dispatch_and_wait takes a retry strategy");
  auto replay_cap = read_replay_cap(options.replay_cap);
  if (!replay_cap)
    return std::move(replay_cap.error());
  auto s = options.scope;
  auto task = make_task(std::move(options));
  if (!task)
    return task.error();
  ensure(types::pathway);
  auto opened = spawn(
    {.trace_id = task->trace_id(), .scope = s, .replay_cap = *replay_cap},
    "originator", task->data().finalize);
  opened.parent_id = task->parent_id();
  publish_task(*task);
  return opened;
}

caf::result<opened_pathway> dendrite_state::dispatch(dispatch_options options) {
  auto opened = open(std::move(options));
  if (!opened)
    return std::move(opened.error());
  return std::move(*opened);
}

/// Makes what is dispatched the child of a run. Whoever stops that stops the
/// child, too, unless it wants otherwise.
caf::error dendrite_state::make_child(const std::string& task_id,
                                      dispatch_options& options) {
  auto i = runs_.find(task_id);
  if (i == runs_.end())
    return make_error(ec::cancelled, "the TASK is not running: " + task_id);
  if (auto err = check_dispatch(options))
    return err;
  if (!options.trace_id)
    options.trace_id = env_->build.outside().ids->new_trace_id();
  if (!options.parent_id)
    options.parent_id = task_id;
  if (options.inherit_stop)
    traces_.add(i->second.task.trace_id(), *options.trace_id);
  return {};
}

caf::result<opened_pathway>
dendrite_state::dispatch_for(const std::string& task_id,
                             dispatch_options options) {
  if (auto err = make_child(task_id, options))
    return err;
  return dispatch(std::move(options));
}

caf::result<signal>
dendrite_state::dispatch_and_retry(const std::string& task_id,
                                   dispatch_options options) {
  if (auto err = check_dispatch(options))
    return err;
  if (auto err = check(*options.retry))
    return err;
  auto tried = spawn_retry_run(self_, task_id, std::move(options), env_);
  self_->monitor(tried);
  retries_.insert(tried.address());
  return self_->delegate(tried, start_atom_v);
}

/// Nothing is tried again from now on; what is under way may still be answered.
void dendrite_state::end_retries() {
  for (auto& addr : retries_)
    if (auto tried = caf::actor_cast<retry_actor>(addr))
      self_->send(tried, stop_atom_v);
}

caf::result<signal>
dendrite_state::dispatch_and_wait(const std::string& task_id,
                                  dispatch_options options) {
  // Each attempt comes back as a dispatch of its own.
  if (options.retry)
    return dispatch_and_retry(task_id, std::move(options));
  if (!task_id.empty())
    if (auto err = make_child(task_id, options))
      return err;
  auto s = options.scope;
  auto timeout = options.timeout;
  if (timeout > longest)
    timeout = forever;
  auto task = make_task(std::move(options));
  if (!task)
    return task.error();
  ensure(types::pathway);
  auto answer = self_->make_response_promise<signal>();
  caller who{answer, task->data().finalize};
  auto types = s == scope::terminal ? types::closing : types::waking;
  if (timeout == forever) {
    waits_.add(task->trace_id(), {std::move(who), types});
  } else {
    waits_.add(task->trace_id(),
               {std::move(who), types, self_->clock().now() + timeout});
    watch_deadlines();
  }
  publish_task(*task);
  return answer;
}

/// Keeps one timer for all waits: they are many and most are met long before.
void dendrite_state::watch_deadlines() {
  auto next = waits_.next_deadline();
  for (auto& other :
       {decisions_.next_deadline(), engram_calls_.next_deadline(),
        effector_calls_.next_deadline(), stopped_waits_.next_deadline()})
    if (other && (!next || *other < *next))
      next = other;
  if (!next || (watching_until_ && *watching_until_ <= *next))
    return;
  watching_until_ = next;
  self_->run_delayed(*next - self_->clock().now(), [this, until = *next] {
    // Overtaken by a nearer deadline, it has nothing to say.
    if (watching_until_ == until)
      expire();
  });
}

void dendrite_state::expire() {
  watching_until_.reset();
  auto now = self_->clock().now();
  auto reason = make_error(ec::timeout, "no answer arrived in time");
  for (auto& who : waits_.take_expired(now))
    who.answer.deliver(reason);
  for (auto& who : stopped_waits_.take_expired(now))
    who.answer.deliver(reason);
  for (auto& answer : decisions_.take_expired(now))
    answer.deliver(reason);
  engram_calls_.expire(now);
  effector_calls_.expire(now);
  watch_deadlines();
}

caf::result<opened_pathway> dendrite_state::observe(const std::string& trace_id,
                                                    size_t replay_cap) {
  if (!is_trace_id(trace_id))
    return make_error(ec::bad_trace_id,
                      "trace_id must start with trc_: " + trace_id);
  if (auto err = check_connected())
    return err;
  if (pathways_.contains(trace_id) || waits_.contains(trace_id))
    return make_error(ec::already_exists,
                      "a Pathway is open on this trace: " + trace_id);
  ensure(types::pathway);
  return spawn({.trace_id = trace_id, .replay_cap = replay_cap}, "observer",
               false);
}

caf::error dendrite_state::emit(const signal& sig) {
  auto type = sig.type();
  if (types::gated_for_workers.contains(type) || !types::synapse.contains(type))
    if (auto err = check_orchestrator(
          options_, "emit of " + std::string{to_string(type)}))
      return err;
  if (!types::synapse.contains(type))
    return make_error(ec::protocol_violation,
                      "emit refuses the type " + std::string{to_string(type)});
  if (auto err = type == signal_type::STOP ? check_connected() : check_room())
    return err;
  // What runs here on the trace must stop as well.
  if (type == signal_type::STOP)
    ensure({signal_type::STOP});
  if (type == signal_type::TASK)
    publish_task(sig);
  else
    publish_to(subject_of(type), sig);
  return {};
}

} // namespace cosmo::actors

// SPDX-License-Identifier: Apache-2.0
#include "ask.hpp"
#include "dendrite_state.hpp"
#include <cosmo/caf_compat.hpp>
#include <cosmo/log.hpp>

#include <algorithm>

namespace cosmo::actors {

void dendrite_state::deliver(uint64_t subscription_id, const signal& sig) {
  if (sig.type() == signal_type::TASK_AWARDED)
    take_award(sig);
  if (sig.type() != signal_type::TASK)
    return inbound(sig);
  // A routed TASK comes to one host, but to everybody who watches.
  if (subscription_id != watched_tasks_id)
    execute(sig);
  if (subscription_id != routed_tasks_id)
    observe_task(sig);
}

// -- TASKs ---------------------------------------------------------------------

void dendrite_state::execute(const signal& sig) {
  if (axons_.empty() || !executed_.insert(sig.id(), env_->now()) || buried(sig))
    return;
  auto task = sig.as<payload::task>();
  if (!task) {
    log::warning("dendrite", "task-unreadable",
                 sig.id() + ": " + describe(task.error()));
    // Whoever addressed it to an Axon of ours waits for an answer.
    if (auto h = find(std::string{sig.directed_id()}))
      publish_error(sig, h->what.neuron_id(), "AXON_EXCEPTION",
                    message_of(task.error()), false);
    return;
  }
  auto h = select(*task);
  if (!h)
    return;
  if (!running_ || stopping_ || h->leaving)
    return publish_error(sig, h->what.neuron_id(), "DENDRITE_STOPPED",
                         options_.dendrite_id + " is stopping", true);
  if (h->actor)
    return run_task(*h, std::move(*task));
  // One that was never announced is as if it was not there.
  if (!h->restarting || stash(*h, *task))
    return;
  publish_error(*task, h->what.neuron_id(), "AXON_EXCEPTION",
                "the Axon keeps failing: " + to_string(h->last_reason), true);
}

/// The first of `directed.id`, `directed.type` and capabilities that is given
/// decides alone.
dendrite_state::hosted* dendrite_state::select(const task_signal& task) {
  auto& to = task.directed();
  if (to && to->has_id())
    return find(*to->id);
  // One that serves comes first; another can at least say why it does not.
  auto first = [this](auto matches) {
    auto i = std::ranges::find_if(axons_, [&](const hosted& h) {
      return h.actor && !h.leaving && matches(h);
    });
    if (i == axons_.end())
      i = std::ranges::find_if(axons_, matches);
    return i == axons_.end() ? nullptr : &*i;
  };
  if (to && to->has_type())
    return first([&](const hosted& h) {
      return h.what.options().neuron_kind == *to->type;
    });
  auto requested = &task.data().capabilities;
  if (requested->empty() && to)
    requested = &to->capabilities;
  if (requested->empty())
    return nullptr;
  return first([&](const hosted& h) { return h.what.covers(*requested); });
}

void dendrite_state::run_task(hosted& h, task_signal task) {
  auto [i, added]
    = runs_.emplace(task.id(), run{task, h.what.neuron_id(), h.actor});
  if (!added)
    return;
  self_->request(h.actor, caf::infinite, task)
    .then([this, task](const axon_reply& reply) { replied(task.id(), reply); },
          [this, task](const caf::error& err) { failed(task.id(), err); });
}

void dendrite_state::replied(const std::string& task_id,
                             const axon_reply& reply) {
  auto i = runs_.find(task_id);
  if (i == runs_.end())
    return;
  auto r = std::move(i->second);
  runs_.erase(i);
  publish(reply);
  if (auto output = reply.get_if<payload::agent_output>();
      output && r.task.data().finalize)
    publish(env_->build.make(payload::final_{output->output, nullptr},
                             {.trace_id = reply.trace_id(),
                              .parent_id = reply.id(),
                              .directed = directed::to(r.neuron_id)}));
  check_drained();
}

void dendrite_state::failed(const std::string& task_id,
                            const caf::error& reason) {
  auto i = runs_.find(task_id);
  if (i == runs_.end())
    return;
  auto r = std::move(i->second);
  runs_.erase(i);
  publish_error(r, "AXON_EXCEPTION", "the Axon died: " + to_string(reason),
                true);
  check_drained();
}

void dendrite_state::emit_for(const std::string& task_id,
                              const worker_signal& sig) {
  // What a cancelled Neuron still has to say is discarded.
  if (runs_.contains(task_id))
    publish(sig);
}

void dendrite_state::emit_for(const std::string& task_id,
                              const worker_signal& sig,
                              const acceptance& done) {
  if (!runs_.contains(task_id))
    return done.tell(
      make_error(ec::cancelled, "the TASK is not running: " + task_id));
  if (bus_box_)
    bus_box_->take_in();
  self_
    ->request(bus_, caf::infinite, caf::publish_atom_v, subject_of(sig.type()),
              signal{sig})
    .then([done] { done.tell({}); },
          [done](caf::error& err) { done.tell(translate(std::move(err))); });
}

void dendrite_state::publish_error(const run& r, std::string code,
                                   std::string message, bool recoverable) {
  publish_error(r.task, r.neuron_id, std::move(code), std::move(message),
                recoverable);
}

void dendrite_state::publish_error(const signal& task,
                                   const std::string& neuron_id,
                                   std::string code, std::string message,
                                   bool recoverable) {
  publish(env_->build.make(
    payload::error{std::move(code), std::move(message), recoverable},
    {.trace_id = task.trace_id(),
     .parent_id = task.id(),
     .directed = directed::to(neuron_id)}));
}

// -- everything else -----------------------------------------------------------

bool dendrite_state::is_new(const signal& sig) {
  auto& seen = seen_[static_cast<size_t>(sig.type())];
  if (!seen)
    seen.emplace(options_.dedup_window, options_.dedup_capacity, dedup_seed_);
  return seen->insert(sig.id(), env_->now());
}

void dendrite_state::observe_task(const signal& sig) {
  if (handlers_.has(signal_type::TASK) && is_new(sig))
    fire(sig);
}

/// @source dendrite.md section 9
void dendrite_state::inbound(const signal& sig) {
  auto type = sig.type();
  // Repeats of these are answered again: their senders miss an answer.
  if (type == signal_type::STOP)
    return stopped_by(sig);
  if (type == signal_type::IMPRINT)
    engrams_.request(sig);
  if (!is_new(sig))
    return;
  switch (type) {
    case signal_type::DISCOVER:
      if (!handlers_.watches(type))
        answer_discover_later(sig);
      return fire(sig);
    case signal_type::RECALL:
      engrams_.request(sig);
      return fire(sig);
    case signal_type::IMPRINT:
      // Requests to Engrams end at the Engrams.
      return fire(sig);
    case signal_type::RECALLED:
    case signal_type::IMPRINTED:
      engram_calls_.take(sig);
      break;
    case signal_type::TOOL_CALL:
      // Its STOP may have overtaken it.
      if (!buried(sig))
        effectors_.request(sig);
      break;
    case signal_type::TOOL_RESULT:
      effector_calls_.take(sig);
      break;
    case signal_type::CLARIFICATION_ANSWER:
    case signal_type::PERMISSION_DECISION:
      decide(sig);
      break;
    case signal_type::TASK_OFFER:
      bid_for(sig);
      break;
    case signal_type::BID:
      take_bid(sig);
      break;
    case signal_type::STOPPED:
      take_ack(sig);
      break;
    case signal_type::FINAL:
      // What was achieved is not undone any more.
      traces_.remove(sig.trace_id());
      engrams_.commit(sig.trace_id());
      end_trace(sig.trace_id());
      break;
    case signal_type::ERROR:
      engrams_.mark_failed(sig.trace_id());
      end_trace(sig.trace_id());
      break;
    case signal_type::REGISTER:
    case signal_type::DEREGISTER:
      learn_engram(sig);
      record(sig);
      break;
    case signal_type::HEARTBEAT:
      record(sig);
      break;
    default:
      break;
  }
  if (types::pathway.contains(type))
    show(sig);
  fire(sig);
}

/// Nothing that waits for more of the trace will get it.
void dendrite_state::end_trace(const std::string& trace_id) {
  end_decisions(trace_id);
  end_offers(trace_id);
  engram_calls_.end(trace_id);
  effector_calls_.end(trace_id);
}

void dendrite_state::show(const signal& sig) {
  pathways_.deliver(sig.trace_id(), sig.type(), [&](const pathway_actor& hdl) {
    self_->send(hdl, deliver_atom_v, sig);
  });
  for (auto& who : waits_.meet(sig.trace_id(), sig.type()))
    who.answer.deliver(sig);
}

} // namespace cosmo::actors

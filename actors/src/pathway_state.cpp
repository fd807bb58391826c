// SPDX-License-Identifier: Apache-2.0
#include "pathway_state.hpp"

#include <cosmo/caf_compat.hpp>

#include <caf/actor_cast.hpp>

#include <algorithm>
#include <memory>

namespace cosmo::actors {

pathway_state::pathway_state(pathway_actor::pointer self, pathway_setup setup,
                             environment_ptr env)
  : self_(self),
    setup_(std::move(setup)),
    env_(std::move(env)),
    log_(setup_.scope, setup_.replay_cap) {
  // nop
}

pathway_actor::behavior_type pathway_state::make_behavior() {
  return {
    [this](deliver_atom, const signal& sig) { deliver(sig); },
    [this](wait_atom, signal_type_set types, caf::timespan timeout) {
      return wait(types, timeout);
    },
    [this](next_atom) { return next(); },
    [this](on_atom, pathway_callback& callback) { on(std::move(callback)); },
    [this](caf::close_atom, const caf::error& reason) { close(reason); },
    [this](caf::get_atom, caf::close_atom) { return log_.closed(); },
  };
}

void pathway_state::deliver(const signal& sig) {
  auto verdict = log_.append(sig);
  if (!verdict)
    return;
  if (verdict->missed)
    miss(*verdict->missed);
  for (auto& callback : callbacks_)
    call(callback, sig);
  if (verdict->in_scope) {
    auto met = std::ranges::stable_partition(
      waiters_, [&](const waiter& w) { return !w.types.contains(sig.type()); });
    for (auto& w : met) {
      w.timer.dispose();
      w.answer.deliver(sig);
    }
    if (!met.empty()) {
      log_.take_newest();
      waiters_.erase(met.begin(), met.end());
    }
    if (!readers_.empty()) {
      readers_.front().deliver(*log_.next());
      readers_.pop_front();
    }
  }
  if (verdict->closes)
    close(make_error(ec::pathway_closed, "the trace has ended"));
}

caf::result<signal> pathway_state::wait(signal_type_set types,
                                        caf::timespan timeout) {
  if (auto sig = log_.take(types))
    return std::move(*sig);
  if (log_.closed())
    return make_error(ec::pathway_closed, "the Pathway is closed");
  waiter w{next_waiter_++, types, self_->make_response_promise<signal>(), {}};
  if (timeout != caf::infinite)
    w.timer = self_->run_delayed(timeout, [this, id = w.id] { give_up(id); });
  waiters_.push_back(w);
  return w.answer;
}

void pathway_state::give_up(uint64_t waiter_id) {
  auto i = std::ranges::find(waiters_, waiter_id, &waiter::id);
  if (i == waiters_.end())
    return;
  i->answer.deliver(
    make_error(ec::timeout, "no Signal arrived in time on " + setup_.trace_id));
  waiters_.erase(i);
}

caf::result<signal> pathway_state::next() {
  if (auto sig = log_.next())
    return std::move(*sig);
  if (log_.closed())
    return make_error(ec::pathway_closed, "the Pathway is read to its end");
  return readers_.emplace_back(self_->make_response_promise<signal>());
}

void pathway_state::on(pathway_callback callback) {
  // One function for all calls: it may have a state, and copying it may throw.
  using function = std::function<void(const signal&)>;
  auto shared = std::make_shared<function>(std::move(callback.fn));
  callback.fn = [shared](const signal& sig) { (*shared)(sig); };
  log_.replay(callback.types, [&](const signal& sig) { call(callback, sig); });
  if (!log_.closed())
    callbacks_.push_back(std::move(callback));
}

void pathway_state::close(const caf::error& reason) {
  if (log_.closed())
    return;
  log_.close();
  for (auto& w : waiters_) {
    w.timer.dispose();
    w.answer.deliver(reason);
  }
  for (auto& reader : readers_)
    reader.deliver(make_error(ec::pathway_closed, "the Pathway has closed"));
  waiters_.clear();
  readers_.clear();
  callbacks_.clear();
  if (auto owner = caf::actor_cast<dendrite_actor>(setup_.owner))
    self_->send(owner, caf::close_atom_v, setup_.trace_id, setup_.key);
}

void pathway_state::call(const pathway_callback& callback, const signal& sig) {
  if (!callback.types.contains(sig.type()))
    return;
  if (!calls_)
    calls_
      = std::make_shared<serial_calls<pathway_actor::pointer>>(self_, env_);
  if (calls_->size() >= setup_.replay_cap) {
    // What resolves a trace comes through however late a callback is.
    if (!types::waking.contains(sig.type()))
      return miss(sig);
    env_->letters->add(dead_letter_reason::dropped,
                       "Pathway " + setup_.trace_id,
                       "the call that has waited longest");
    calls_->drop_first();
  }
  calls_->add([fn = callback.fn, sig] { fn(sig); });
}

void pathway_state::miss(const signal& sig) {
  env_->letters->add(dead_letter_reason::dropped, "Pathway " + setup_.trace_id,
                     std::string{to_string(sig.type())} + " " + sig.id());
}

pathway_actor spawn_pathway(dendrite_actor::pointer owner, pathway_setup setup,
                            environment_ptr env) {
  using impl = caf::stateful_actor<pathway_state, pathway_actor::base>;
  return owner->spawn<impl>(std::move(setup), std::move(env));
}

} // namespace cosmo::actors

// SPDX-License-Identifier: Apache-2.0
#include "dendrite_state.hpp"

#include <cosmo/caf_compat.hpp>

#include <caf/send.hpp>

namespace cosmo::actors {

namespace {

/// A Dendrite's own name for its subscriptions: the number of the type, and
/// one more for capability-routed TASKs.
constexpr uint64_t routed_tasks_id = signal_type_count;

constexpr uint64_t id_of(signal_type type) {
  return static_cast<uint64_t>(type);
}

} // namespace

dendrite_state::dendrite_state(dendrite_actor::pointer self,
                               dendrite_options options, synapse_actor bus,
                               environment_ptr env)
  : self_(self), options_(std::move(options)), bus_(std::move(bus)),
    env_(std::move(env)), routed_subject_(routed_task_subject(
                            options_.name_space)),
    executed_(options_.dedup_window, options_.dedup_capacity) {
  for (size_t i = 0; i < signal_type_count; ++i)
    subjects_[i]
      = signal_subject(options_.name_space, static_cast<signal_type>(i));
  self_->set_down_handler([this](caf::down_msg& msg) { down(msg); });
  self_->monitor(bus_);
}

dendrite_state::~dendrite_state() {
  for (auto& [id, r] : runs_)
    publish_error(r, "AXON_EXCEPTION", "the Dendrite died", true);
  close_pathways("the Dendrite has ended");
  for (auto& h : axons_) {
    if (h.actor) {
      caf::anon_send_exit(h.actor, caf::exit_reason::user_shutdown);
      h.what.options().neuron.close();
    }
    h.what.detach();
  }
  for (auto& [addr, what] : lent_)
    caf::anon_send_exit(addr, caf::exit_reason::user_shutdown);
}

dendrite_actor::behavior_type dendrite_state::make_behavior() {
  using std::string;
  return {
    [this](deliver_atom, uint64_t id, const signal& sig) { deliver(id, sig); },
    [this](attach_atom, const axon& what, bool announce) -> caf::result<void> {
      return compat::result_of(attach(what, announce));
    },
    [this](detach_atom, const string& neuron_id, string& reason) {
      return detach(neuron_id, std::move(reason));
    },
    [this](start_atom) -> caf::result<void> {
      return compat::result_of(start());
    },
    [this](stop_atom, string& reason) { return stop(std::move(reason)); },
    [this](dispatch_atom, task_atom, dispatch_options& options) {
      return dispatch_task(std::move(options));
    },
    [this](dispatch_atom, dispatch_options& options) {
      return dispatch(std::move(options));
    },
    [this](dispatch_atom, wait_atom, dispatch_options& options) {
      return dispatch_and_wait(std::move(options));
    },
    [this](observe_atom, const string& trace_id) { return observe(trace_id); },
    [this](emit_atom, const signal& sig) -> caf::result<void> {
      return compat::result_of(emit(sig));
    },
    [this](emit_atom, const string& task_id, const worker_signal& sig) {
      emit_for(task_id, sig);
    },
    [this](caf::close_atom, const string& trace_id, uint64_t key) {
      pathways_.remove(trace_id, key);
    },
    [this](caf::get_atom,
           const string& neuron_id) -> caf::result<caf::strong_actor_ptr> {
      if (auto h = find(neuron_id); h && h->actor)
        return caf::actor_cast<caf::strong_actor_ptr>(h->actor);
      return make_error(ec::not_found, "no running Axon: " + neuron_id);
    },
  };
}

// -- bus -----------------------------------------------------------------------

void dendrite_state::publish(const worker_signal& sig) {
  publish_to(subject_of(sig.type()), sig);
}

void dendrite_state::publish_to(const subject& where, const signal& sig) {
  if (sig.type() == signal_type::STOP)
    self_->send<caf::message_priority::high>(bus_, caf::publish_atom_v, where,
                                             sig);
  else
    self_->send(bus_, caf::publish_atom_v, where, sig);
}

void dendrite_state::ensure(signal_type_set types) {
  auto missing = types - subscribed_;
  if (missing.empty())
    return;
  for (uint8_t i = 0; i < signal_type_count; ++i)
    if (auto type = static_cast<signal_type>(i); missing.contains(type))
      subscribe(id_of(type), subject_of(type), std::nullopt);
  subscribed_ = subscribed_ | missing;
}

void dendrite_state::subscribe(uint64_t id, const subject& where,
                               std::optional<std::string> group) {
  // Messages from here to the bus keep their order, so whatever is published
  // next finds this subscription in effect.
  tell_bus(id, caf::subscribe_atom_v,
           subscription{id, where, std::move(group),
                        subscriber_actor{dendrite_actor{self_}}});
}

void dendrite_state::unsubscribe(uint64_t id) {
  tell_bus(id, caf::unsubscribe_atom_v,
           subscription{id, {}, {}, subscriber_actor{dendrite_actor{self_}}});
}

/// A STOP overtakes everything, so the subscription to it must do so too.
template <class Atom>
void dendrite_state::tell_bus(uint64_t id, Atom what, subscription sub) {
  if (id == id_of(signal_type::STOP))
    self_->send<caf::message_priority::high>(bus_, what, std::move(sub));
  else
    self_->send(bus_, what, std::move(sub));
}

void dendrite_state::subscribe_tasks() {
  ensure({signal_type::TASK});
  if (auto offered = capabilities(); !offered.empty()) {
    // The same id again replaces the group.
    subscribe(routed_tasks_id, routed_subject_,
              routed_task_group(std::move(offered)));
    routed_ = true;
  } else if (std::exchange(routed_, false)) {
    unsubscribe(routed_tasks_id);
  }
}

void dendrite_state::unsubscribe_tasks() {
  if (subscribed_.contains(signal_type::TASK))
    unsubscribe(id_of(signal_type::TASK));
  subscribed_ = subscribed_ - signal_type_set{signal_type::TASK};
  if (std::exchange(routed_, false))
    unsubscribe(routed_tasks_id);
}

void dendrite_state::unsubscribe_all() {
  unsubscribe_tasks();
  for (uint8_t i = 0; i < signal_type_count; ++i)
    if (subscribed_.contains(static_cast<signal_type>(i)))
      unsubscribe(i);
  subscribed_ = {};
}

// -- death ---------------------------------------------------------------------

void dendrite_state::down(const caf::down_msg& msg) {
  if (msg.source == bus_.address())
    return synapse_down();
  if (auto i = lent_.find(msg.source); i != lent_.end()) {
    pathways_.remove(i->second.trace_id, i->second.key);
    lent_.erase(i);
    return;
  }
  for (auto& h : axons_)
    if (h.actor && h.actor.address() == msg.source)
      return axon_down(h, msg.reason);
}

void dendrite_state::synapse_down() {
  connected_ = false;
  running_ = false;
  subscribed_ = {};
  routed_ = false;
  close_pathways("the Synapse has ended");
  while (!runs_.empty()) {
    auto& r = runs_.begin()->second;
    self_->send(r.actor, cancel_atom_v, r.task.id());
    runs_.erase(runs_.begin());
  }
  check_drained();
}

void dendrite_state::close_pathways(const std::string& why) {
  auto reason = make_error(ec::pathway_closed, why);
  for (auto& hdl : pathways_.take_all())
    caf::anon_send(hdl, caf::close_atom_v, reason);
  for (auto& answer : waits_.take_all())
    answer.deliver(reason);
}

dendrite_actor spawn_dendrite(environment_ptr env, synapse_actor bus,
                              dendrite_options options) {
  using impl = caf::stateful_actor<dendrite_state, dendrite_actor::base>;
  auto& sys = env->system();
  return sys.spawn<impl>(std::move(options), std::move(bus), std::move(env));
}

} // namespace cosmo::actors

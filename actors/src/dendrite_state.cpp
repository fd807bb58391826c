// SPDX-License-Identifier: Apache-2.0
#include "dendrite_state.hpp"

#include "ask.hpp"
#include <cosmo/caf_compat.hpp>
#include <cosmo/log.hpp>

#include <caf/send.hpp>

#include <algorithm>

namespace cosmo::actors {

namespace {

dendrite_options within_clock(dendrite_options options) {
  options.heartbeat = actors::within_clock(options.heartbeat);
  options.drain_on_stop = actors::within_clock(options.drain_on_stop);
  options.stale_after = actors::within_clock(
    options.stale_after.value_or(3 * std::min(options.heartbeat, longest / 3)));
  return options;
}

/// What the books of the runtime know a bus and a namespace by.
std::string place_of(const synapse_actor& bus,
                     const dendrite_options& options) {
  return std::to_string(bus.id()) + '/' + options.name_space + '/';
}

} // namespace

dendrite_state::dendrite_state(dendrite_actor::pointer self, inbox_ptr box,
                               dendrite_options options, synapse_actor bus,
                               environment_ptr env)
  : self_(self),
    box_(std::move(box)),
    options_(within_clock(std::move(options))),
    bus_(std::move(bus)),
    env_(std::move(env)),
    bus_box_(env_->inbox_of(bus_)),
    routed_subject_(routed_task_subject(options_.name_space)),
    place_(place_of(bus_, options_)),
    engrams_(*this, env_, place_),
    effectors_(*this, env_),
    hook_calls_(std::make_shared<calls>(self_, env_)),
    schedules_(std::make_shared<loops>(self_, env_)),
    // Nobody outside shall make ids that count as seen.
    dedup_seed_(env_->build.outside().random->next()),
    executed_(options_.dedup_window, options_.dedup_capacity, dedup_seed_) {
  types::all.for_each([this](signal_type type) {
    subjects_[id_of(type)] = signal_subject(options_.name_space, type);
  });
  self_->set_down_handler([this](caf::down_msg& msg) { down(msg); });
  self_->monitor(bus_);
  connect_registry();
}

dendrite_state::~dendrite_state() {
  end_timers();
  for (auto& [id, r] : runs_)
    publish_error(r, "AXON_EXCEPTION", "the Dendrite died", true);
  close_pathways("the Dendrite has ended");
  // Nothing is begun any more.
  stopping_ = false;
  leaving_ = 0;
  for (auto& [number, what] : stopping_traces_)
    what.is_new = false;
  finish_all_stopping();
  for (auto& h : axons_) {
    end_comeback(h);
    refuse_stash(h, "AXON_EXCEPTION", "the Dendrite died");
    end_schedules(h);
    if (h.actor) {
      leave(h.what.neuron_id());
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
    [this](deliver_atom, uint64_t id, const signal& sig) {
      box_->took();
      deliver(id, sig);
    },
    [this](attach_atom, const axon& what, bool announce) {
      return host(what, announce);
    },
    [this](detach_atom, const string& neuron_id, string& reason) {
      return detach(neuron_id, std::move(reason));
    },
    [this](caf::get_atom) -> caf::result<child_info> { return tree(); },
    [this](attach_atom, const engram& what, bool announce) {
      return attach_engram(what, announce);
    },
    [this](detach_atom, recall_atom, const string& engram_id) {
      return engrams_.detach(engram_id);
    },
    [this](caf::get_atom, recall_atom) -> caf::result<std::vector<engram>> {
      return engrams_.attached();
    },
    [this](caf::get_atom, recall_atom, const string& engram_id) {
      return engrams_.counts(engram_id);
    },
    [this](caf::get_atom, recall_atom, const string& engram_id,
           const string& engram_kind) {
      return knows_engram(engram_id, engram_kind);
    },
    [this](recall_atom, const string& task_id, recall_options& options) {
      return recall(task_id, std::move(options));
    },
    [this](imprint_atom, const string& task_id,
           imprint_options& options) -> caf::result<void> {
      return compat::result_of(imprint(task_id, std::move(options)));
    },
    [this](imprint_atom, wait_atom, const string& task_id,
           imprint_options& options) {
      return imprint_and_wait(task_id, std::move(options));
    },
    [this](attach_atom, const effector& what, bool announce) {
      return attach_effector(what, announce);
    },
    [this](detach_atom, tool_atom, const string& effector_id) {
      return effectors_.detach(effector_id);
    },
    [this](caf::get_atom, tool_atom) -> caf::result<std::vector<effector>> {
      return effectors_.attached();
    },
    [this](refresh_atom, tool_atom, const string& effector_id,
           const refresh_event& event) -> caf::result<void> {
      return compat::result_of(effectors_.refresh(effector_id, event));
    },
    [this](refresh_atom, tool_atom, const string& effector_id) {
      effectors_.changed(effector_id);
    },
    [this](tool_atom, const string& task_id, call_tool_options& options) {
      return call_tool(task_id, std::move(options));
    },
    [this](refresh_atom, recall_atom, const string& engram_id,
           const refresh_event& event) -> caf::result<void> {
      return compat::result_of(engrams_.refresh(engram_id, event));
    },
    [this](refresh_atom, recall_atom, const string& engram_id) {
      engrams_.changed(engram_id);
    },
    [this](start_atom) { return start(); },
    [this](stop_atom, string& reason) { return stop(std::move(reason)); },
    [this](dispatch_atom, task_atom, dispatch_options& options) {
      return dispatch_task(std::move(options));
    },
    [this](respond_atom, dispatch_options& options) {
      return respond(std::move(options));
    },
    [this](dispatch_atom, dispatch_options& options) {
      return dispatch(std::move(options));
    },
    [this](dispatch_atom, const string& task_id, dispatch_options& options) {
      return dispatch_for(task_id, std::move(options));
    },
    [this](dispatch_atom, wait_atom, dispatch_options& options) {
      return dispatch_and_wait({}, std::move(options));
    },
    [this](dispatch_atom, wait_atom, const string& task_id,
           dispatch_options& options) {
      return dispatch_and_wait(task_id, std::move(options));
    },
    [this](observe_atom, const string& trace_id, uint64_t replay_cap) {
      return observe(trace_id, replay_cap);
    },
    [this](offer_atom, offer_options& options) {
      return dispatch_offer(std::move(options));
    },
    [this](award_atom, const string& trace_id, const string& award_id) {
      award_refused(trace_id, award_id);
    },
    [this](answer_atom, const answer_signal& sig) -> caf::result<void> {
      return compat::result_of(answer(sig));
    },
    [this](await_atom, const signal& question, caf::timespan timeout) {
      return await_decision(question, timeout);
    },
    [this](discover_atom, const signal& sig) { return answer_discover(sig); },
    [this](emit_atom, const signal& sig) -> caf::result<void> {
      return compat::result_of(emit(sig));
    },
    [this](emit_atom, const signal& sig, caf::timespan length) {
      return stop_and_collect(sig, length);
    },
    [this](await_atom, stop_atom, const signal& sig, caf::timespan limit) {
      return stop_and_roll_back(sig, limit);
    },
    [this](emit_atom, const string& task_id, const worker_signal& sig) {
      emit_for(task_id, sig);
    },
    [this](emit_atom, const string& task_id, const worker_signal& sig,
           const acceptance& done) { emit_for(task_id, sig, done); },
    [this](caf::close_atom, const string& trace_id, uint64_t key) {
      pathways_.remove(trace_id, key);
      end_offer_of(trace_id, key);
    },
    [this](on_atom, handler_spec& spec) { return handle(std::move(spec)); },
    [this](detach_atom, uint64_t number) { remove_handler(number); },
    [this](on_atom, dendrite_hook& hook) { return add_hook(std::move(hook)); },
    [this](refresh_atom, const refresh_event& event) { refresh(event); },
    [this](refresh_atom, const string& neuron_id) { axon_changed(neuron_id); },
    [this](refresh_atom, const string& neuron_id, const refresh_event& event) {
      return refresh_axon(neuron_id, event);
    },
    [this](ensure_atom, signal_type_set types) -> caf::result<void> {
      if (auto err = check_connected())
        return err;
      watch(types);
      return self_->delegate(bus_, caf::flush_atom_v);
    },
    [this](caf::get_atom, const registry_filter& which) { return read(which); },
    [this](caf::get_atom, attach_atom) -> caf::result<std::vector<axon>> {
      return attached();
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
  if (bus_box_)
    bus_box_->take_in();
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
  missing.for_each([this](signal_type type) {
    subscribe(id_of(type), subject_of(type), std::nullopt);
  });
  subscribed_ = subscribed_ | missing;
}

void dendrite_state::subscribe(uint64_t id, const subject& where,
                               std::optional<std::string> group) {
  // Messages from here to the bus keep their order, so whatever is published
  // next finds this subscription in effect.
  tell_bus(id, caf::subscribe_atom_v,
           subscription{id, where, std::move(group),
                        subscriber_actor{dendrite_actor{self_}}, box_});
}

void dendrite_state::unsubscribe(uint64_t id) {
  tell_bus(id, caf::unsubscribe_atom_v,
           subscription{id, {}, {}, subscriber_actor{dendrite_actor{self_}}});
}

/// Calls `then` when the bus knows what was subscribed before, so that others
/// may count on it: a bus in another process takes its time.
void dendrite_state::when_subscribed(
  const std::function<void(const caf::error&)>& then) {
  self_->request(bus_, caf::infinite, caf::flush_atom_v)
    .then([then] { then({}); },
          [then](caf::error& why) { then(translate(std::move(why))); });
}

/// A STOP overtakes everything, so the subscription to it must do so too.
template <class Atom>
void dendrite_state::tell_bus(uint64_t id, Atom what, subscription sub) {
  if (id == id_of(signal_type::STOP))
    self_->send<caf::message_priority::high>(bus_, what, std::move(sub));
  else
    self_->send(bus_, what, std::move(sub));
}

/// TASKs are taken while somebody here can run them, and watched while a
/// handler wants to see them.
void dendrite_state::update_task_subscriptions() {
  constexpr signal_type_set task{signal_type::TASK};
  // What comes for one that is being restarted waits for it.
  auto somebody = active() && std::ranges::any_of(axons_, [](const hosted& h) {
                    return (h.actor || h.restarting) && !h.leaving;
                  });
  auto watched = active() && handlers_.has(signal_type::TASK);
  if (somebody || watched) {
    ensure(task);
  } else if (subscribed_.contains(signal_type::TASK)) {
    unsubscribe(id_of(signal_type::TASK));
    subscribed_ = subscribed_ - task;
  }
  std::optional<std::string> group;
  if (auto offered = capabilities(); somebody && !offered.empty())
    group = routed_task_group(std::move(offered));
  if (group != routed_group_) {
    // The same id again replaces the group.
    if (group)
      subscribe(routed_tasks_id, routed_subject_, group);
    else
      unsubscribe(routed_tasks_id);
    routed_group_ = std::move(group);
  }
  if (watched != routed_watched_) {
    if (watched)
      subscribe(watched_tasks_id, routed_subject_, std::nullopt);
    else
      unsubscribe(watched_tasks_id);
    routed_watched_ = watched;
  }
}

void dendrite_state::unsubscribe_all() {
  update_task_subscriptions();
  subscribed_.for_each([this](signal_type type) { unsubscribe(id_of(type)); });
  subscribed_ = {};
}

// -- death ---------------------------------------------------------------------

void dendrite_state::down(const caf::down_msg& msg) {
  if (msg.source == bus_.address())
    return synapse_down(msg.reason);
  if (registry_ && msg.source == registry_.address())
    return registry_down(msg.reason);
  if (retries_.erase(msg.source) > 0)
    return;
  if (auto i = lent_.find(msg.source); i != lent_.end()) {
    pathways_.remove(i->second.trace_id, i->second.key);
    end_offer_of(i->second.trace_id, i->second.key);
    lent_.erase(i);
    return;
  }
  if (engrams_.down(msg) || effectors_.down(msg))
    return;
  for (auto& h : axons_)
    if (h.actor && h.actor.address() == msg.source)
      return axon_down(h, msg.reason);
}

void dendrite_state::synapse_down(const caf::error& reason) {
  auto was_active = active();
  connected_ = false;
  running_ = false;
  ++epoch_;
  end_timers();
  subscribed_ = {};
  routed_group_.reset();
  routed_watched_ = false;
  end_retries();
  close_pathways("the Synapse has ended");
  finish_all_stopping();
  for (auto& [task_id, r] : runs_)
    self_->send(r.actor, cancel_atom_v, task_id);
  runs_.clear();
  for (auto& h : axons_)
    deactivate(h, "the Synapse has ended");
  engrams_.bus_down();
  effectors_.bus_down();
  for (auto& waiting : std::exchange(start_answers_, {}))
    waiting.deliver(check_connected());
  check_drained();
  // Whatever was said meanwhile is lost, but there is a bus again.
  auto next = env_->successor(bus_, reason);
  if (!next)
    return;
  bus_ = std::move(next);
  bus_box_ = env_->inbox_of(bus_);
  place_ = place_of(bus_, options_);
  engrams_.move_to(place_);
  connected_ = true;
  self_->monitor(bus_);
  if (was_active)
    go_live();
}

void dendrite_state::close_pathways(const std::string& why) {
  auto reason = make_error(ec::pathway_closed, why);
  for (auto& hdl : pathways_.take_all())
    caf::anon_send(hdl, caf::close_atom_v, reason);
  for (auto& who : waits_.take_all())
    who.answer.deliver(reason);
  for (auto& answer : decisions_.take_all())
    answer.deliver(reason);
  while (!offers_.empty())
    end_offer(offers_.begin());
  engram_calls_.end_all();
  effector_calls_.end_all();
  end_watches();
}

dendrite_actor spawn_dendrite(environment_ptr env, synapse_actor bus,
                              dendrite_options options) {
  using impl
    = with_inbox<caf::stateful_actor<dendrite_state, dendrite_actor::base>>;
  auto& sys = env->system();
  auto box = env->mail->open(options.dendrite_id);
  return sys.spawn<impl>(std::move(box), std::move(options), std::move(bus),
                         std::move(env));
}

} // namespace cosmo::actors

// SPDX-License-Identifier: Apache-2.0
#include "synapse_state.hpp"

#include <cosmo/caf_compat.hpp>

#include <caf/actor_system.hpp>

namespace cosmo::actors {

synapse_state::synapse_state(synapse_actor::pointer self, inbox_ptr box)
  : self_(self), box_(std::move(box)) {
  self_->set_down_handler([this](caf::down_msg& msg) { forget(msg.source); });
}

synapse_actor::behavior_type synapse_state::make_behavior() {
  return {
    [this](caf::publish_atom, const subject& where, const signal& sig) {
      publish(where, sig);
    },
    [this](caf::subscribe_atom, subscription& sub) {
      subscribe(std::move(sub));
    },
    [this](caf::unsubscribe_atom, const subscription& sub) {
      unsubscribe(sub);
    },
    // Messages are taken in order, so whatever came before is in its receiver's
    // mailbox by now.
    [](caf::flush_atom) {},
    [this](caf::close_atom) { self_->quit(caf::exit_reason::user_shutdown); },
  };
}

void synapse_state::publish(const subject& where, const signal& sig) {
  box_->took();
  auto urgent = sig.type() == signal_type::STOP;
  for (auto k : index_.select(where.str())) {
    auto& sub = slots_[k];
    if (sub.box && !sub.box->admit(sig))
      continue;
    // Only STOP overtakes: what it stops may be queueing before it.
    if (urgent)
      self_->send<caf::message_priority::high>(sub.receiver, deliver_atom_v,
                                               sub.id, sig);
    else
      self_->send(sub.receiver, deliver_atom_v, sub.id, sig);
  }
}

void synapse_state::subscribe(subscription sub) {
  auto addr = sub.receiver.address();
  auto [known, added] = receivers_.try_emplace(addr);
  if (added)
    self_->monitor(sub.receiver);
  auto [place, fresh] = known->second.try_emplace(sub.id, slots_.size());
  if (fresh && !free_slots_.empty()) {
    place->second = free_slots_.back();
    free_slots_.pop_back();
  } else if (fresh) {
    slots_.emplace_back();
  }
  index_.add(place->second, sub.pattern.str(), sub.group);
  slots_[place->second] = std::move(sub);
}

void synapse_state::unsubscribe(const subscription& sub) {
  auto known = receivers_.find(sub.receiver.address());
  if (known == receivers_.end())
    return;
  auto place = known->second.find(sub.id);
  if (place == known->second.end())
    return;
  auto k = place->second;
  known->second.erase(place);
  if (known->second.empty()) {
    self_->demonitor(sub.receiver);
    receivers_.erase(known);
  }
  index_.remove(k);
  slots_[k] = {};
  free_slots_.push_back(k);
}

void synapse_state::forget(const caf::actor_addr& receiver) {
  auto known = receivers_.find(receiver);
  if (known == receivers_.end())
    return;
  for (auto& [id, k] : known->second) {
    index_.remove(k);
    slots_[k] = {};
    free_slots_.push_back(k);
  }
  receivers_.erase(known);
}

synapse_actor spawn_synapse(caf::actor_system& sys, inbox_ptr box) {
  using impl
    = with_inbox<caf::stateful_actor<synapse_state, synapse_actor::base>>;
  return sys.spawn<impl>(std::move(box));
}

} // namespace cosmo::actors

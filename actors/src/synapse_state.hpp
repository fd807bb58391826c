// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/actors.hpp>
#include <cosmo/inbox.hpp>
#include <cosmo/subscription_index.hpp>

#include <caf/actor_addr.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <unordered_map>
#include <utility>
#include <vector>

namespace cosmo::actors {

/// The memory Synapse: an index of subscriptions and one message per receiver.
/// @source synapse-and-cli.md section 3
class synapse_state {
public:
  static inline const char* name = "cosmo.synapse";

  synapse_state(synapse_actor::pointer self, inbox_ptr box);

  synapse_actor::behavior_type make_behavior();

private:
  using key = subscription_index::key;

  void publish(const subject& where, const signal& sig);
  void subscribe(subscription sub);
  void unsubscribe(const subscription& sub);
  void forget(const caf::actor_addr& receiver);

  synapse_actor::pointer self_;
  inbox_ptr box_;
  subscription_index index_;
  std::vector<subscription> slots_;
  std::vector<key> free_slots_;
  /// Where the subscriptions of a receiver are, by its own ids.
  std::unordered_map<caf::actor_addr, std::unordered_map<uint64_t, key>>
    receivers_;
};

synapse_actor spawn_synapse(caf::actor_system& sys, inbox_ptr box);

} // namespace cosmo::actors

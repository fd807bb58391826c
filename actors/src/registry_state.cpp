// SPDX-License-Identifier: Apache-2.0
#include "registry_state.hpp"

#include <cosmo/caf_compat.hpp>

#include <caf/actor_system.hpp>

#include <exception>
#include <utility>

namespace cosmo::actors {

namespace {

/// Calls a store, whose author may be a stranger: what it throws is a fault of
/// the storage.
template <class F>
auto guarded(F fn) -> decltype(fn()) {
  try {
    return fn();
  } catch (const std::exception& err) {
    return make_error(ec::store_io, err.what());
  } catch (...) {
    return make_error(ec::store_io, "the store threw no std::exception");
  }
}

/// Bounds the time that one transaction holds its lock.
constexpr size_t group_max = 10'000;

} // namespace

registry_state::registry_state(registry_actor::pointer self,
                               registry_store_ptr store)
  : self_(self), store_(std::move(store)) {
  // nop
}

registry_state::~registry_state() {
  flush();
}

registry_actor::behavior_type registry_state::make_behavior() {
  return {
    [this](caf::connect_atom) -> caf::result<void> {
      return compat::result_of(guarded([this] { return store_->connect(); }));
    },
    [this](caf::put_atom, registry_change& change) {
      return put(std::move(change.what));
    },
    [this](caf::get_atom,
           const std::string& neuron_id) -> caf::result<neuron_record> {
      flush();
      return guarded([&] { return store_->get(neuron_id); });
    },
    [this](caf::get_atom, const registry_filter& which)
      -> caf::result<std::vector<neuron_record>> {
      flush();
      return guarded([&] { return store_->list(which); });
    },
    [this](caf::flush_atom) { flush(); },
  };
}

caf::result<void> registry_state::put(registry_write what) {
  // What no store keeps must not take its neighbours along.
  if (auto err = validate(what))
    return err;
  // Takes its turn behind the changes that are in the mailbox by now.
  if (changes_.empty())
    self_->send(registry_actor{self_}, caf::flush_atom_v);
  changes_.push_back(std::move(what));
  auto answer = answers_.emplace_back(self_->make_response_promise<void>());
  if (changes_.size() >= group_max)
    flush();
  return answer;
}

void registry_state::flush() {
  auto changes = std::exchange(changes_, {});
  auto answers = std::exchange(answers_, {});
  if (changes.empty())
    return;
  auto err = guarded([&] { return store_->apply(changes); });
  for (auto& answer : answers)
    err ? answer.deliver(err) : answer.deliver();
}

registry_actor spawn_registry(caf::actor_system& sys, registry_store_ptr store,
                              bool own_thread) {
  using impl = caf::stateful_actor<registry_state, registry_actor::base>;
  if (own_thread)
    return sys.spawn<impl, caf::detached>(std::move(store));
  return sys.spawn<impl>(std::move(store));
}

} // namespace cosmo::actors

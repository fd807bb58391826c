// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "award_ledger.hpp"
#include "engram_book.hpp"
#include "restart_schedule.hpp"
#include <cosmo/actors.hpp>
#include <cosmo/dead_letters.hpp>
#include <cosmo/inbox.hpp>
#include <cosmo/signal_builder.hpp>
#include <cosmo/transport.hpp>

#include <caf/actor_system.hpp>
#include <caf/send.hpp>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>
#include <utility>
#include <vector>

namespace cosmo::actors {

/// What the actors of one runtime share. Outlives the actor system: handles may
/// be dropped later than the runtime.
/// @affinity any thread
class environment {
public:
  environment(caf::actor_system& sys, world outside,
              std::function<bool()> step = {},
              size_t mailbox_max = mailbox_max_default)
    : build(std::move(outside)),
      mail(std::make_shared<mailroom>(letters, mailbox_max)),
      step_(std::move(step)),
      system_(&sys) {
    // nop
  }

  /// Makes Signals.
  const signal_builder build;

  award_ledger awards;
  engram_book engrams;
  /// What was refused, dropped or undeliverable in this runtime.
  const dead_letters_ptr letters = std::make_shared<dead_letters>();
  /// Counts and bounds the Signals under way.
  const std::shared_ptr<mailroom> mail;

  /// Whether everything happens on one thread: then blocking user code runs
  /// cooperatively, and whoever waits makes the others run.
  bool cooperative() const noexcept {
    return static_cast<bool>(step_);
  }

  /// Makes some progress. @returns false when nothing can happen any more.
  bool step() const {
    return step_();
  }

  /// For actors, which live in it.
  caf::actor_system& system() const noexcept {
    return *system_;
  }

  /// Lets a handle do something with the actor system, which may be gone.
  /// @returns whether it was there.
  template <class F>
  bool use_system(F fn) const {
    std::shared_lock guard{lifetime_};
    if (!system_is_there_)
      return false;
    fn(*system_);
    return true;
  }

  timestamp now() const {
    return build.outside().clock->now();
  }

  /// Sends from outside of any actor, which must not happen any more when the
  /// actor system is gone: even a dead receiver counts what it rejects there.
  template <class Handle, class... Ts>
  void send(const Handle& hdl, Ts&&... xs) const {
    use_system([&](caf::actor_system&) {
      caf::anon_send(hdl, std::forward<Ts>(xs)...);
    });
  }

  /// Ends an actor, under the same condition.
  template <class Handle>
  void end(const Handle& hdl) const {
    use_system([&](caf::actor_system&) {
      caf::anon_send_exit(hdl, caf::exit_reason::user_shutdown);
    });
  }

  // -- workers ------------------------------------------------------------------

  /// A worker for code that may block; give it back afterwards.
  worker_actor take_worker();

  void give_back(worker_actor worker);

  /// How many are kept, for whoever counts actors.
  size_t idle_workers();

  // -- what the end of the runtime must stop ----------------------------------

  void adopt(dendrite_actor hdl);

  /// Of the root of a supervision tree, until it ends.
  void adopt(supervisor_actor hdl);

  /// A new bus.
  synapse_actor make_synapse();

  /// Replaces the transport of the same scheme.
  void add(transport how);

  /// Connects to a bus outside. Blocks.
  caf::expected<synapse_actor> connect(std::string_view url);

  /// Whether it is a connection to a bus in another process.
  bool is_outside(const synapse_actor& hdl);

  /// Of a bus that was made here; null of another.
  inbox_ptr inbox_of(const synapse_actor& hdl);

  /// The `memory:` bus, made on first use.
  synapse_actor memory_synapse();

  /// The actor that owns this store, made on first use.
  registry_actor registry(const registry_store_ptr& store);

  /// Lets go of one that has died, so that the store gets a new one.
  void forget(const registry_actor& hdl);

  /// Lets go of a bus that was closed; `memory:` may be connected again.
  void forget(const synapse_actor& hdl);

  /// The bus that takes the place of one that has failed; all who ask get the
  /// same. Null if it was closed, or fails too often, or the runtime has ended.
  synapse_actor successor(const synapse_actor& dead, const caf::error& reason);

  /// The bus that is in the place of this one by now.
  synapse_actor latest(synapse_actor bus);

  /// Lets go of a supervision tree that has ended.
  void forget_tree(const caf::actor_addr& root);

  /// How everything in this runtime is: buses, registries, the program's
  /// `tree_entry`s, Dendrites with what they host, and the user's own trees.
  child_info tree();

  /// Stops supervision trees and Dendrites in reverse order, then the buses.
  /// Handles are of no use afterwards.
  void shut_down();

private:
  struct own_bus {
    synapse_actor actor;
    inbox_ptr box;
    /// The URL of one that is outside. It is not restarted here: whether a lost
    /// connection comes back is a matter of its transport.
    std::string url = {};
  };

  own_bus spawn_bus();

  std::function<bool()> step_;
  caf::actor_system* system_;
  mutable std::shared_mutex lifetime_;
  bool system_is_there_ = true;
  std::mutex mutex_;
  bool ended_ = false;
  /// Their threads are worth keeping.
  std::vector<worker_actor> idle_workers_;
  std::vector<supervisor_actor> trees_;
  std::vector<dendrite_actor> dendrites_;
  std::vector<transport> transports_;
  std::vector<own_bus> synapses_;
  synapse_actor memory_;
  /// By the id of the bus that has failed.
  std::unordered_map<caf::actor_id, synapse_actor> successors_;
  restart_schedule bus_restarts_;
  std::map<registry_store_ptr, registry_actor> registries_;
};

using environment_ptr = std::shared_ptr<environment>;

} // namespace cosmo::actors

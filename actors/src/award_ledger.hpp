// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <caf/actor_addr.hpp>

#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace cosmo::actors {

/// Who serves which Neuron in this runtime, and which awards have been taken
/// up. By it an award whose winner is gone goes to the next, and none is run
/// twice.
///
/// Neurons are named by a key that also tells their bus and namespace.
/// @affinity any thread   @source dendrite.md section 14.1, spec/README.md 8
class award_ledger {
public:
  /// Notes that `host` serves the Neuron; the last one counts.
  void serve(const std::string& key, const caf::actor_addr& host);

  /// Notes that it does so no longer. Awards to the Neuron that nobody has
  /// taken up are withdrawn, and their makers told.
  void leave(const std::string& key, const caf::actor_addr& host);

  /// Who serves the Neuron; null if nobody does, as far as is known here.
  caf::actor_addr host_of(const std::string& key) const;

  /// Whether the Neuron was served here and is not any more.
  bool has_left(const std::string& key) const;

  /// Notes an award before it is published, unless the Neuron is not served by
  /// `host` any more. `on_refused` is called at most once, from any thread, if
  /// it is withdrawn. @returns whether it was noted.
  bool award(const std::string& award_id, std::string key,
             const caf::actor_addr& host, std::function<void()> on_refused);

  /// Takes an award up. @returns whether it may be run: it was neither taken up
  /// before nor withdrawn. An award from elsewhere always may.
  bool accept(const std::string& award_id);

  /// Gives back an award that cannot be run. @returns whether its maker is here
  /// and will see to it.
  bool refuse(const std::string& award_id);

  /// Lets go of an award, whose outcome does not matter any more. One that was
  /// withdrawn stays so, however late it arrives.
  void forget(const std::string& award_id);

private:
  enum class state { open, accepted, withdrawn };

  struct entry {
    std::string key;
    std::function<void()> on_refused;
    state now = state::open;
  };

  /// Ends the time in which an award is open. @returns whether it was.
  bool settle(const std::string& award_id, entry& e, state now);

  /// Ids of which the oldest are forgotten.
  class memory {
  public:
    void add(const std::string& id);
    void remove(const std::string& id) {
      ids_.erase(id);
    }
    bool contains(const std::string& id) const {
      return ids_.contains(id);
    }

  private:
    static constexpr size_t capacity = 65'536;

    std::unordered_set<std::string> ids_;
    std::deque<std::string> order_;
  };

  mutable std::mutex mutex_;
  memory withdrawn_;
  memory left_;
  std::unordered_map<std::string, caf::actor_addr> hosts_;
  std::unordered_map<std::string, entry> awards_;
  /// The ids of the open ones, by Neuron.
  std::unordered_map<std::string, std::vector<std::string>> open_;
};

} // namespace cosmo::actors

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/actors.hpp>

#include <caf/actor_clock.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace cosmo::actors {

/// The open Pathways of a Dendrite, by trace and by deadline. Several may watch
/// one trace; each is removed alone.
class pathway_table {
public:
  using time_point = caf::actor_clock::time_point;

  struct entry {
    pathway_actor handle;
    uint64_t key = 0;
    /// What ends it besides FINAL and ERROR; empty unless it is made for one
    /// wait.
    signal_type_set ends_with = {};
    std::optional<time_point> deadline = {};
  };

  uint64_t next_key() noexcept {
    return next_key_++;
  }

  void add(const std::string& trace_id, entry e);

  bool contains(const std::string& trace_id) const {
    return entries_.contains(trace_id);
  }

  /// Calls `fn` for each Pathway of the trace and drops those that `type` ends.
  template <class F>
  void deliver(const std::string& trace_id, signal_type type, F fn) {
    auto [i, last] = entries_.equal_range(trace_id);
    while (i != last) {
      fn(i->second.handle);
      if (types::closing.contains(type) || i->second.ends_with.contains(type))
        i = erase(i);
      else
        ++i;
    }
  }

  /// Removes one Pathway, if it is there.
  void remove(const std::string& trace_id, uint64_t key);

  /// Removes and returns all of a trace, or all.
  std::vector<pathway_actor> take(const std::string& trace_id);
  std::vector<pathway_actor> take_all();

  std::optional<time_point> next_deadline() const;

  /// Removes and returns those whose deadline is not after `now`.
  std::vector<pathway_actor> take_expired(time_point now);

  size_t size() const noexcept {
    return entries_.size();
  }

private:
  using map = std::unordered_multimap<std::string, entry>;

  map::iterator erase(map::iterator i);

  map entries_;
  /// Trace ids live in `entries_`, whose elements stay where they are.
  std::map<std::pair<time_point, uint64_t>, const std::string*> deadlines_;
  uint64_t next_key_ = 0;
};

} // namespace cosmo::actors

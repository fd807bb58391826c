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
    /// What ends it.
    signal_type_set ends_with = types::closing;
    /// Whether it can serve another wait then.
    bool reusable = false;
    std::optional<time_point> deadline = {};
  };

  uint64_t next_key() noexcept {
    return next_key_++;
  }

  void add(const std::string& trace_id, entry e);

  bool contains(const std::string& trace_id) const {
    return entries_.contains(trace_id);
  }

  /// Calls `fn` for each Pathway of the trace, and `ended` for each that `type`
  /// ends, when it is out of the table.
  template <class F, class G>
  void deliver(const std::string& trace_id, signal_type type, F fn, G ended) {
    auto [i, last] = entries_.equal_range(trace_id);
    while (i != last) {
      auto& e = i->second;
      fn(e.handle);
      if (e.ends_with.contains(type)) {
        auto done = std::move(e);
        i = erase(i, done);
        ended(std::move(done));
      } else {
        ++i;
      }
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

  map::iterator erase(map::iterator i, const entry& e);

  map::iterator erase(map::iterator i) {
    return erase(i, i->second);
  }

  map entries_;
  /// Trace ids live in `entries_`, whose elements stay where they are.
  std::map<std::pair<time_point, uint64_t>, const std::string*> deadlines_;
  uint64_t next_key_ = 0;
};

} // namespace cosmo::actors

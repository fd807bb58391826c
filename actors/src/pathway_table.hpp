// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/actors.hpp>

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace cosmo::actors {

/// The open Pathways of a Dendrite, by trace. Several may watch one trace; each
/// is removed alone.
class pathway_table {
public:
  /// @returns the key of this Pathway.
  uint64_t next_key() noexcept {
    return next_key_++;
  }

  /// `finalized` tells whether it was opened for a TASK that asked for a FINAL.
  void add(const std::string& trace_id, uint64_t key, pathway_actor hdl,
           bool finalized = false);

  /// Whether some Pathway of the trace was.
  bool finalized(const std::string& trace_id) const;

  bool contains(const std::string& trace_id) const {
    return entries_.contains(trace_id);
  }

  /// Calls `fn` for each Pathway of the trace. A type that closes them removes
  /// them.
  template <class F>
  void deliver(const std::string& trace_id, signal_type type, F fn) {
    auto [i, last] = entries_.equal_range(trace_id);
    for (auto k = i; k != last; ++k)
      fn(k->second.handle);
    if (types::closing.contains(type))
      entries_.erase(i, last);
  }

  /// Removes one Pathway, if it is there.
  void remove(const std::string& trace_id, uint64_t key);

  /// Removes and returns all of a trace, or all.
  std::vector<pathway_actor> take(const std::string& trace_id);
  std::vector<pathway_actor> take_all();

  size_t size() const noexcept {
    return entries_.size();
  }

private:
  struct entry {
    pathway_actor handle;
    uint64_t key;
    bool finalized;
  };

  std::unordered_multimap<std::string, entry> entries_;
  uint64_t next_key_ = 0;
};

} // namespace cosmo::actors

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/timestamp.hpp>

#include <cstddef>
#include <deque>
#include <string>
#include <unordered_map>

namespace cosmo::registry {

/// A STOP with rollback of a trace that has no journal here.
struct engram_fence {
  std::string stop_id;
  timestamp stopped_at;
  /// When it was put up.
  timestamp since;
};

/// Keeps the youngest fences, in memory: a process that was restarted cannot
/// get writes that were under way to its predecessor's Dendrite.
/// @source engram.md 9.6
class engram_fences {
public:
  static constexpr size_t count_max = 10'000;

  void put(const std::string& trace_id, engram_fence fence);

  /// Null if there is none.
  const engram_fence* find(const std::string& trace_id) const;

  /// @returns how many.
  size_t forget(timestamp put_up_before);

private:
  void drop_oldest();

  std::unordered_map<std::string, engram_fence> fences_;
  /// In the order in which they were first put up.
  std::deque<std::string> order_;
};

} // namespace cosmo::registry

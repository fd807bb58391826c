// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/timestamp.hpp>

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

namespace cosmo::actors {

/// Remembers recent ids, so that a Signal is handled once. Bounded by time and
/// by count, oldest out first.
/// @source signals.md section 14, dendrite.md section 21
class dedup_window {
public:
  /// A `window` of zero remembers nothing.
  dedup_window(std::chrono::microseconds window, size_t capacity)
    : window_(window), capacity_(capacity) {
    // nop
  }

  /// @returns whether `id` is new; remembers it if so.
  bool insert(std::string_view id, timestamp now);

  size_t size() const noexcept {
    return order_.size();
  }

private:
  void expire(timestamp now);

  std::chrono::microseconds window_;
  size_t capacity_;
  // Owns the ids; the set looks into it. A deque keeps its elements in place.
  std::deque<std::pair<timestamp, std::string>> order_;
  std::unordered_set<std::string_view> known_;
};

} // namespace cosmo::actors

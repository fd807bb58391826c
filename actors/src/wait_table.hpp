// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/signal_type.hpp>

#include <caf/actor_clock.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace cosmo::actors {

/// Who waits for one Signal of a trace, by trace and by deadline. Several may
/// wait on one trace.
///
/// @tparam Answer what the owner needs to answer a wait; movable.
template <class Answer>
class wait_table {
public:
  using time_point = caf::actor_clock::time_point;

  struct wait {
    Answer answer;
    /// What it waits for.
    signal_type_set types;
    std::optional<time_point> deadline = {};
  };

  void add(const std::string& trace_id, wait w) {
    auto deadline = w.deadline;
    auto i = waits_.emplace(trace_id, numbered{std::move(w), next_number_++});
    if (deadline)
      deadlines_.emplace_hint(deadlines_.end(),
                              std::pair{*deadline, i->second.number}, i->first);
  }

  bool contains(const std::string& trace_id) const {
    return waits_.contains(trace_id);
  }

  /// Whether `fn` holds for the answer of some wait of the trace.
  template <class F>
  bool any(const std::string& trace_id, F fn) const {
    auto [first, last] = waits_.equal_range(trace_id);
    return std::any_of(first, last,
                       [&](auto& kv) { return fn(kv.second.what.answer); });
  }

  size_t size() const noexcept {
    return waits_.size();
  }

  /// Removes and returns the waits that a Signal of this type meets.
  std::vector<Answer> meet(const std::string& trace_id, signal_type type) {
    std::vector<Answer> result;
    auto [i, last] = waits_.equal_range(trace_id);
    while (i != last) {
      if (i->second.what.types.contains(type))
        i = take_one(i, result);
      else
        ++i;
    }
    return result;
  }

  /// Removes and returns all waits of a trace.
  std::vector<Answer> take(const std::string& trace_id) {
    std::vector<Answer> result;
    auto [i, last] = waits_.equal_range(trace_id);
    while (i != last)
      i = take_one(i, result);
    return result;
  }

  /// Removes all waits of a trace and returns them whole.
  std::vector<wait> extract(const std::string& trace_id) {
    std::vector<wait> result;
    auto [first, last] = waits_.equal_range(trace_id);
    for (auto i = first; i != last; ++i) {
      if (auto& deadline = i->second.what.deadline)
        deadlines_.erase({*deadline, i->second.number});
      result.push_back(std::move(i->second.what));
    }
    waits_.erase(first, last);
    return result;
  }

  std::vector<Answer> take_all() {
    std::vector<Answer> result;
    result.reserve(waits_.size());
    while (!waits_.empty())
      take_one(waits_.begin(), result);
    return result;
  }

  std::optional<time_point> next_deadline() const {
    if (deadlines_.empty())
      return std::nullopt;
    return deadlines_.begin()->first.first;
  }

  /// Removes and returns the waits whose deadline is not after `now`.
  std::vector<Answer> take_expired(time_point now) {
    std::vector<Answer> result;
    while (!deadlines_.empty() && deadlines_.begin()->first.first <= now) {
      auto& [key, trace_id] = *deadlines_.begin();
      auto i = waits_.find(trace_id);
      while (i->second.number != key.second)
        ++i;
      take_one(i, result);
    }
    return result;
  }

private:
  struct numbered {
    wait what;
    uint64_t number;
  };

  using map = std::unordered_multimap<std::string, numbered>;

  typename map::iterator take_one(typename map::iterator i,
                                  std::vector<Answer>& to) {
    auto& [what, number] = i->second;
    if (what.deadline)
      deadlines_.erase({*what.deadline, number});
    to.push_back(std::move(what.answer));
    return waits_.erase(i);
  }

  map waits_;
  // The elements of `waits_` stay where they are, and so do their traces.
  std::map<std::pair<time_point, uint64_t>, const std::string&> deadlines_;
  uint64_t next_number_ = 0;
};

} // namespace cosmo::actors

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/signal.hpp>

#include <caf/actor_clock.hpp>

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace cosmo::actors {

/// What every call of something that is not a Neuron has in common.
struct pending_call {
  std::string trace_id;
  /// Who was asked: an id, or else a kind.
  std::string asked_id;
  std::string asked_kind;
  std::optional<caf::actor_clock::time_point> deadline = {};

  /// How people call who was asked.
  const std::string& address() const noexcept {
    return asked_id.empty() ? asked_kind : asked_id;
  }

  /// Whether a reply is on the same trace, and from whom was asked.
  /// @source signals.md 11.2
  bool may_be_answered_by(const signal& reply) const {
    if (reply.trace_id() != trace_id)
      return false;
    auto& from = reply.directed();
    return asked_id.empty()
             ? from && from->has_type() && *from->type == asked_kind
             : reply.directed_id() == asked_id;
  }
};

/// Calls that wait for an answer, by id of the request, by trace and by
/// deadline. Whoever takes a call out settles it.
///
/// @tparam Call a `pending_call`; movable.
template <class Call>
class call_table {
public:
  using time_point = caf::actor_clock::time_point;

  /// @param id of the request.
  void add(const std::string& id, Call what) {
    if (what.deadline)
      deadlines_.emplace(*what.deadline, id);
    of_trace_.emplace(what.trace_id, id);
    calls_.emplace(id, std::move(what));
  }

  size_t size() const noexcept {
    return calls_.size();
  }

  /// The call that this is a reply to, unless it must not be answered by it.
  Call* find_for(const signal& reply) {
    if (!reply.parent_id())
      return nullptr;
    auto i = calls_.find(*reply.parent_id());
    return i != calls_.end() && i->second.may_be_answered_by(reply) ? &i->second
                                                                    : nullptr;
  }

  std::optional<Call> take(const std::string& id) {
    if (auto i = calls_.find(id); i != calls_.end())
      return extract(i);
    return std::nullopt;
  }

  std::optional<Call> take_one_of(const std::string& trace_id) {
    if (auto i = of_trace_.find(trace_id); i != of_trace_.end())
      return extract(calls_.find(i->second));
    return std::nullopt;
  }

  std::optional<Call> take_any() {
    if (calls_.empty())
      return std::nullopt;
    return extract(calls_.begin());
  }

  std::optional<Call> take_expired(time_point now) {
    if (deadlines_.empty() || deadlines_.begin()->first > now)
      return std::nullopt;
    return extract(calls_.find(deadlines_.begin()->second));
  }

  std::optional<time_point> next_deadline() const {
    if (deadlines_.empty())
      return std::nullopt;
    return deadlines_.begin()->first;
  }

private:
  using calls = std::unordered_map<std::string, Call>;

  Call extract(typename calls::iterator i) {
    auto& [id, what] = *i;
    if (what.deadline)
      deadlines_.erase({*what.deadline, id});
    auto [first, last] = of_trace_.equal_range(what.trace_id);
    of_trace_.erase(std::find_if(
      first, last, [&](auto& kv) { return kv.second == i->first; }));
    auto result = std::move(what);
    calls_.erase(i);
    return result;
  }

  calls calls_;
  std::unordered_multimap<std::string, std::string> of_trace_;
  std::set<std::pair<time_point, std::string>> deadlines_;
};

} // namespace cosmo::actors

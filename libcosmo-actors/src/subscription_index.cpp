// SPDX-License-Identifier: Apache-2.0
#include <cosmo/subject.hpp>
#include <cosmo/subscription_index.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <tuple>
#include <utility>

namespace cosmo {

namespace {

/// Subjects remembered at most; a namespace has 33.
constexpr size_t recent_subjects_max = 4096;

/// Longer ones are not remembered.
constexpr size_t recent_bytes_max = 512;

/// Receivers remembered at most, over all subjects.
constexpr size_t recent_keys_max = 1'000'000;

/// Turns of groups without members that are kept.
constexpr size_t idle_turns_max = 65'536;

using tokens = std::span<const std::string_view>;

} // namespace

struct subscription_index::node {
  text_map<std::unique_ptr<node>> literal;
  std::unique_ptr<node> any;
  /// Patterns that end here.
  std::vector<key> here;
  /// Patterns that go on with `>` here.
  std::vector<key> rest;

  bool empty() const noexcept {
    return literal.empty() && !any && here.empty() && rest.empty();
  }

  std::vector<key>& place(tokens pattern) {
    if (pattern.empty())
      return here;
    // Whatever follows `>` in a pattern is never looked at.
    if (pattern[0] == ">")
      return rest;
    auto& next = pattern[0] == "*" ? any : literal[std::string{pattern[0]}];
    if (!next)
      next = std::make_unique<node>();
    return next->place(pattern.subspan(1));
  }

  /// Drops the nodes along a pattern that nobody needs any more.
  void prune(tokens pattern) {
    if (pattern.empty() || pattern[0] == ">")
      return;
    if (pattern[0] == "*") {
      any->prune(pattern.subspan(1));
      if (any->empty())
        any.reset();
    } else if (auto i = literal.find(pattern[0]); i != literal.end()) {
      i->second->prune(pattern.subspan(1));
      if (i->second->empty())
        literal.erase(i);
    }
  }

  void collect(tokens subject, std::vector<key>& out) const {
    if (subject.empty()) {
      out.insert(out.end(), here.begin(), here.end());
      return;
    }
    out.insert(out.end(), rest.begin(), rest.end());
    if (auto i = literal.find(subject[0]); i != literal.end())
      i->second->collect(subject.subspan(1), out);
    if (any)
      any->collect(subject.subspan(1), out);
  }
};

subscription_index::subscription_index() : root_(std::make_unique<node>()) {
  // nop
}

subscription_index::~subscription_index() = default;

void subscription_index::add(key k, std::string_view pattern,
                             std::optional<std::string> group,
                             std::optional<uint64_t> rank) {
  auto known = records_.find(k);
  auto age = known == records_.end() ? next_age_++ : known->second.age;
  remove(k);
  recent_.clear();
  auto [use, added]
    = patterns_.try_emplace(std::string{pattern}, pattern_use{age, 0});
  ++use->second.count;
  auto& place = root_->place(split_subject(pattern));
  place.push_back(k);
  records_.emplace(k, record{std::string{pattern}, std::move(group),
                             rank.value_or(use->second.order), age, &place,
                             place.size() - 1});
}

void subscription_index::remove(key k) {
  auto i = records_.find(k);
  if (i == records_.end())
    return;
  recent_.clear();
  auto& [pattern, group, rank, age, place, index] = i->second;
  // Its place is taken by the last one: many may have the same pattern.
  records_.at(place->back()).index = index;
  (*place)[index] = place->back();
  place->pop_back();
  if (place->empty())
    root_->prune(split_subject(pattern));
  if (auto use = patterns_.find(pattern); --use->second.count == 0)
    patterns_.erase(use);
  records_.erase(i);
}

subscription_index::match subscription_index::find(std::string_view subject) {
  std::vector<key> keys;
  root_->collect(split_subject(subject), keys);
  std::ranges::sort(keys, {}, [this](key k) {
    auto& rec = records_.at(k);
    return std::tie(rec.rank, rec.age);
  });
  forget_turns();
  match result;
  std::map<std::string_view, size_t> positions;
  for (auto k : keys) {
    auto& group = records_.at(k).group;
    if (!group) {
      result.solo.push_back(k);
      continue;
    }
    auto [position, added] = positions.emplace(*group, result.groups.size());
    if (added)
      result.groups.push_back({&turns_[*group], {}});
    result.groups[position->second].members.push_back(k);
  }
  return result;
}

/// Names of groups come from outside, and never end.
void subscription_index::forget_turns() {
  if (turns_.size() < records_.size() + idle_turns_max)
    return;
  std::set<std::string_view> used;
  for (auto& [k, rec] : records_)
    if (rec.group)
      used.insert(*rec.group);
  recent_.clear();
  std::erase_if(turns_, [&](auto& turn) { return !used.contains(turn.first); });
}

const std::vector<subscription_index::key>&
subscription_index::select(std::string_view subject) {
  if (subject.size() > recent_bytes_max)
    return choose(unusual_ = find(subject));
  auto i = recent_.find(subject);
  if (i == recent_.end()) {
    auto found = find(subject);
    auto count = found.solo.size();
    for (auto& group : found.groups)
      count += group.members.size();
    if (recent_.size() >= recent_subjects_max
        || recent_keys_ + count > recent_keys_max)
      recent_.clear();
    recent_keys_ = recent_.empty() ? count : recent_keys_ + count;
    i = recent_.emplace(subject, std::move(found)).first;
  }
  return choose(i->second);
}

const std::vector<subscription_index::key>&
subscription_index::choose(const match& found) {
  if (found.groups.empty())
    return found.solo;
  selected_ = found.solo;
  for (auto& group : found.groups)
    selected_.push_back(group.members[(*group.turn)++ % group.members.size()]);
  return selected_;
}

} // namespace cosmo

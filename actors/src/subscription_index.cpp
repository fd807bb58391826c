// SPDX-License-Identifier: Apache-2.0
#include "subscription_index.hpp"

#include <cosmo/subject.hpp>

#include <algorithm>
#include <map>
#include <span>
#include <tuple>

namespace cosmo::actors {

namespace {

/// Subjects remembered at most; a namespace has 33.
constexpr size_t recent_subjects_max = 4096;

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

  void remove(tokens pattern, key k) {
    if (pattern.empty()) {
      std::erase(here, k);
    } else if (pattern[0] == ">") {
      std::erase(rest, k);
    } else if (pattern[0] == "*") {
      if (!any)
        return;
      any->remove(pattern.subspan(1), k);
      if (any->empty())
        any.reset();
    } else if (auto i = literal.find(pattern[0]); i != literal.end()) {
      i->second->remove(pattern.subspan(1), k);
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
                             std::optional<std::string> group) {
  remove(k);
  recent_.clear();
  auto order = next_order_++;
  auto [use, added]
    = patterns_.try_emplace(std::string{pattern}, pattern_use{order, 0});
  ++use->second.count;
  root_->place(split_subject(pattern)).push_back(k);
  records_.emplace(k, record{std::string{pattern}, std::move(group),
                             use->second.order, order});
}

void subscription_index::remove(key k) {
  auto i = records_.find(k);
  if (i == records_.end())
    return;
  recent_.clear();
  auto& pattern = i->second.pattern;
  root_->remove(split_subject(pattern), k);
  if (auto use = patterns_.find(pattern); --use->second.count == 0)
    patterns_.erase(use);
  records_.erase(i);
}

subscription_index::match subscription_index::find(std::string_view subject) {
  std::vector<key> keys;
  root_->collect(split_subject(subject), keys);
  std::ranges::sort(keys, {}, [this](key k) {
    auto& rec = records_.at(k);
    return std::tie(rec.pattern_order, rec.order);
  });
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

const std::vector<subscription_index::key>&
subscription_index::select(const std::string& subject) {
  auto i = recent_.find(subject);
  if (i == recent_.end()) {
    if (recent_.size() >= recent_subjects_max)
      recent_.clear();
    i = recent_.emplace(subject, find(subject)).first;
  }
  auto& found = i->second;
  if (found.groups.empty())
    return found.solo;
  selected_ = found.solo;
  for (auto& group : found.groups)
    selected_.push_back(group.members[(*group.turn)++ % group.members.size()]);
  return selected_;
}

} // namespace cosmo::actors

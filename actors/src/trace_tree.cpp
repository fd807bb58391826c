// SPDX-License-Identifier: Apache-2.0
#include "trace_tree.hpp"

#include <algorithm>

namespace cosmo::actors {

void trace_tree::add(const std::string& parent, const std::string& child) {
  if (parent == child || !parent_of_.emplace(child, parent).second)
    return;
  children_of_.emplace(parent, child);
  order_.push_back(child);
  // Those that left already stand in the order, too.
  while (order_.size() > capacity) {
    remove(order_.front());
    order_.pop_front();
  }
}

std::vector<std::string> trace_tree::take_children(const std::string& parent) {
  std::vector<std::string> result;
  auto [first, last] = children_of_.equal_range(parent);
  for (auto i = first; i != last; ++i) {
    parent_of_.erase(i->second);
    result.push_back(std::move(i->second));
  }
  children_of_.erase(first, last);
  return result;
}

void trace_tree::remove(const std::string& trace_id) {
  take_children(trace_id);
  auto known = parent_of_.find(trace_id);
  if (known == parent_of_.end())
    return;
  auto [first, last] = children_of_.equal_range(known->second);
  auto i = std::find_if(first, last,
                        [&](auto& kv) { return kv.second == trace_id; });
  children_of_.erase(i);
  parent_of_.erase(known);
}

} // namespace cosmo::actors

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

namespace cosmo::actors {

/// Which traces were begun on behalf of which, so that a STOP reaches them. Of
/// very many the oldest are forgotten.
/// @source dendrite.md section 16
class trace_tree {
public:
  static constexpr size_t capacity = 65'536;

  void add(const std::string& parent, const std::string& child);

  /// Removes and returns the children of a trace.
  std::vector<std::string> take_children(const std::string& parent);

  /// Forgets a trace, which is beyond recall, and with it who its children
  /// were.
  void remove(const std::string& trace_id);

  size_t size() const noexcept {
    return parent_of_.size();
  }

private:
  /// A trace is begun once, so it has one parent.
  std::unordered_map<std::string, std::string> parent_of_;
  std::unordered_multimap<std::string, std::string> children_of_;
  std::deque<std::string> order_;
};

} // namespace cosmo::actors

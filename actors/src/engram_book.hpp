// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>
#include <set>
#include <string>
#include <unordered_map>

namespace cosmo::actors {

/// Which Engrams are served in this runtime, so that whoever rolls a trace back
/// knows for whom to wait. By place: a bus and a namespace.
/// @affinity any thread
class engram_book {
public:
  void add(const std::string& place, const std::string& engram_id) {
    std::lock_guard guard{mutex_};
    served_[place].insert(engram_id);
  }

  void remove(const std::string& place, const std::string& engram_id) {
    std::lock_guard guard{mutex_};
    auto& ids = served_[place];
    // An id may be served more than once.
    if (auto i = ids.find(engram_id); i != ids.end())
      ids.erase(i);
    if (ids.empty())
      served_.erase(place);
  }

  std::set<std::string> served_at(const std::string& place) const {
    std::lock_guard guard{mutex_};
    auto i = served_.find(place);
    if (i == served_.end())
      return {};
    return {i->second.begin(), i->second.end()};
  }

private:
  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::multiset<std::string>> served_;
};

} // namespace cosmo::actors

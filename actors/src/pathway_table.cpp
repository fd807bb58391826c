// SPDX-License-Identifier: Apache-2.0
#include "pathway_table.hpp"

namespace cosmo::actors {

void pathway_table::add(const std::string& trace_id, entry e) {
  auto deadline = e.deadline;
  auto key = e.key;
  auto i = entries_.emplace(trace_id, std::move(e));
  if (deadline)
    deadlines_.emplace(std::pair{*deadline, key}, &i->first);
}

void pathway_table::remove(const std::string& trace_id, uint64_t key) {
  auto [i, last] = entries_.equal_range(trace_id);
  for (; i != last; ++i) {
    if (i->second.key == key) {
      erase(i);
      return;
    }
  }
}

std::vector<pathway_actor> pathway_table::take(const std::string& trace_id) {
  std::vector<pathway_actor> result;
  auto [i, last] = entries_.equal_range(trace_id);
  while (i != last) {
    result.push_back(i->second.handle);
    i = erase(i);
  }
  return result;
}

std::vector<pathway_actor> pathway_table::take_all() {
  std::vector<pathway_actor> result;
  result.reserve(entries_.size());
  for (auto& [trace_id, e] : entries_)
    result.push_back(std::move(e.handle));
  deadlines_.clear();
  entries_.clear();
  return result;
}

std::optional<pathway_table::time_point> pathway_table::next_deadline() const {
  if (deadlines_.empty())
    return std::nullopt;
  return deadlines_.begin()->first.first;
}

std::vector<pathway_actor> pathway_table::take_expired(time_point now) {
  std::vector<pathway_actor> result;
  while (!deadlines_.empty() && deadlines_.begin()->first.first <= now) {
    auto [when_and_key, trace_id] = *deadlines_.begin();
    auto [i, last] = entries_.equal_range(*trace_id);
    while (i->second.key != when_and_key.second)
      ++i;
    result.push_back(i->second.handle);
    erase(i);
  }
  return result;
}

pathway_table::map::iterator pathway_table::erase(map::iterator i,
                                                  const entry& e) {
  if (e.deadline)
    deadlines_.erase({*e.deadline, e.key});
  return entries_.erase(i);
}

} // namespace cosmo::actors

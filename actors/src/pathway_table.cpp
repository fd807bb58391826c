// SPDX-License-Identifier: Apache-2.0
#include "pathway_table.hpp"

#include <algorithm>
#include <utility>

namespace cosmo::actors {

void pathway_table::add(const std::string& trace_id, uint64_t key,
                        pathway_actor hdl, bool finalized) {
  entries_.emplace(trace_id, entry{std::move(hdl), key, finalized});
}

bool pathway_table::finalized(const std::string& trace_id) const {
  auto [first, last] = entries_.equal_range(trace_id);
  return std::any_of(first, last, [](auto& kv) { return kv.second.finalized; });
}

void pathway_table::remove(const std::string& trace_id, uint64_t key) {
  auto [i, last] = entries_.equal_range(trace_id);
  for (; i != last; ++i) {
    if (i->second.key == key) {
      entries_.erase(i);
      return;
    }
  }
}

std::vector<pathway_actor> pathway_table::take(const std::string& trace_id) {
  std::vector<pathway_actor> result;
  auto [i, last] = entries_.equal_range(trace_id);
  for (auto k = i; k != last; ++k)
    result.push_back(std::move(k->second.handle));
  entries_.erase(i, last);
  return result;
}

std::vector<pathway_actor> pathway_table::take_all() {
  std::vector<pathway_actor> result;
  result.reserve(entries_.size());
  for (auto& [trace_id, e] : entries_)
    result.push_back(std::move(e.handle));
  entries_.clear();
  return result;
}

} // namespace cosmo::actors

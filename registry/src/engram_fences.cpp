// SPDX-License-Identifier: Apache-2.0
#include "engram_fences.hpp"

#include <algorithm>
#include <utility>

namespace cosmo::registry {

void engram_fences::put(const std::string& trace_id, engram_fence fence) {
  const auto [i, is_new] = fences_.try_emplace(trace_id, fence);
  if (!is_new) {
    fence.stopped_at = std::max(fence.stopped_at, i->second.stopped_at);
    i->second = std::move(fence);
    return;
  }
  order_.push_back(trace_id);
  if (order_.size() > count_max)
    drop_oldest();
}

const engram_fence* engram_fences::find(const std::string& trace_id) const {
  const auto i = fences_.find(trace_id);
  return i == fences_.end() ? nullptr : &i->second;
}

size_t engram_fences::forget(timestamp put_up_before) {
  size_t result = 0;
  for (auto left = order_.size(); left > 0; --left) {
    if (fences_.at(order_.front()).since < put_up_before) {
      drop_oldest();
      ++result;
    } else {
      order_.push_back(std::move(order_.front()));
      order_.pop_front();
    }
  }
  return result;
}

void engram_fences::drop_oldest() {
  fences_.erase(order_.front());
  order_.pop_front();
}

} // namespace cosmo::registry

// SPDX-License-Identifier: Apache-2.0
#include "dedup_window.hpp"

namespace cosmo::actors {

bool dedup_window::insert(std::string_view id, timestamp now) {
  if (window_.count() == 0 || capacity_ == 0)
    return true;
  expire(now);
  if (known_.contains(id))
    return false;
  if (order_.size() == capacity_) {
    known_.erase(order_.front().second);
    order_.pop_front();
  }
  known_.insert(order_.emplace_back(now, id).second);
  return true;
}

void dedup_window::expire(timestamp now) {
  while (!order_.empty() && now - order_.front().first >= window_) {
    known_.erase(order_.front().second);
    order_.pop_front();
  }
}

} // namespace cosmo::actors

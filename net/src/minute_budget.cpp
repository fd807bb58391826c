// SPDX-License-Identifier: Apache-2.0
#include "minute_budget.hpp"

#include <algorithm>

namespace cosmo::net {

namespace {

constexpr std::chrono::minutes window{1};

} // namespace

minute_budget::time_point minute_budget::ready_at(time_point now) {
  while (!expenses_.empty() && expenses_.front().at + window <= now) {
    spent_ -= expenses_.front().amount;
    expenses_.pop_front();
  }
  auto left_over = spent_;
  auto ready = now;
  for (auto i = expenses_.begin(); i != expenses_.end() && left_over >= limit_;
       ++i) {
    left_over -= i->amount;
    ready = i->at + window;
  }
  return ready;
}

void minute_budget::spend(time_point now, uint64_t amount) {
  if (limit_ == 0 || amount == 0)
    return;
  // More than the limit is as good as the limit, and cannot overflow the sum.
  amount = std::min(amount, limit_);
  spent_ += amount;
  expenses_.push_back({now, amount});
}

} // namespace cosmo::net

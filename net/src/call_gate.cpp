// SPDX-License-Identifier: Apache-2.0
#include "call_gate.hpp"

#include <algorithm>

namespace cosmo::net {

call_gate::call_gate(const call_limits& limits)
  : max_concurrency_(limits.max_concurrency),
    requests_(limits.requests_per_minute),
    tokens_(limits.tokens_per_minute),
    breaker_(limits.breaker) {
  // nop
}

uint64_t call_gate::enter(time_point deadline) {
  waiting_.push_back({++last_number_, deadline});
  return last_number_;
}

void call_gate::leave(uint64_t number) {
  std::erase_if(waiting_,
                [number](const entry& x) { return x.number == number; });
}

void call_gate::end(time_point now, bool is_probe, call_outcome outcome,
                    uint64_t tokens) {
  --running_;
  tokens_.spend(now, tokens);
  breaker_.end(now, is_probe, outcome);
}

std::vector<call_gate::decision> call_gate::decide(time_point now) {
  std::vector<decision> result;
  while (!waiting_.empty()) {
    auto [number, deadline] = waiting_.front();
    if (breaker_.refuses(now)) {
      result.push_back({number, verdict::refused});
    } else if (deadline <= now) {
      result.push_back({number, verdict::too_late});
    } else if (is_full() || budget_at(now) > now) {
      break;
    } else {
      ++running_;
      requests_.spend(now, 1);
      result.push_back({number, verdict::begins, breaker_.begin()});
    }
    waiting_.pop_front();
  }
  return result;
}

std::optional<call_gate::time_point> call_gate::next(time_point now) {
  if (waiting_.empty())
    return std::nullopt;
  auto deadline = waiting_.front().deadline;
  return is_full() ? deadline : std::min(deadline, budget_at(now));
}

call_gate::time_point call_gate::budget_at(time_point now) {
  return std::max(requests_.ready_at(now), tokens_.ready_at(now));
}

} // namespace cosmo::net

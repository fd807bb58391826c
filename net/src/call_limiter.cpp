// SPDX-License-Identifier: Apache-2.0
#include "call_limiter.hpp"

#include "http_fault.hpp"
#include "longest_wait.hpp"

#include <algorithm>
#include <utility>

namespace cosmo::net {

struct call_permit::state {
  state(std::weak_ptr<call_limiter> from, bool probe)
    : owner(std::move(from)), is_probe(probe) {
    // nop
  }

  ~state() {
    settle(call_outcome::nothing, 0);
  }

  void settle(call_outcome outcome, uint64_t tokens) {
    if (auto limiter = std::exchange(owner, {}).lock())
      limiter->end(is_probe, outcome, tokens);
  }

  std::weak_ptr<call_limiter> owner;
  bool is_probe;
};

void call_permit::settle(call_outcome outcome, uint64_t tokens) const {
  if (state_)
    state_->settle(outcome, tokens);
}

/// Who waits. Its callback for a request to stop must be destroyed without the
/// lock, because that waits for one that is running.
struct call_limiter::caller {
  http_request about;
  beginning begin;
  clock::time_point deadline;
  std::optional<std::stop_callback<std::function<void()>>> stop;

  void fail(http_fault_kind kind) const {
    begin(to_error({kind}, about, {}));
  }
};

call_limiter::call_limiter(const call_limits& limits, std::string endpoint,
                           std::weak_ptr<http_client> client)
  : is_unlimited_(limits.empty()),
    endpoint_(std::move(endpoint)),
    client_(std::move(client)),
    gate_(limits) {
  // nop
}

call_limiter::~call_limiter() {
  for (const auto& [number, who] : callers_)
    who->fail(http_fault_kind::cancelled);
}

void call_limiter::acquire(const http_request& about, std::stop_token stop,
                           beginning begin) {
  if (is_unlimited_) {
    call_permit permit;
    permit.time_left_ = about.timeout;
    return begin(std::move(permit));
  }
  auto timeout = within_timer(about.timeout);
  auto who = std::make_shared<caller>();
  who->about = about;
  who->begin = std::move(begin);
  uint64_t number = 0;
  {
    std::unique_lock guard{mutex_};
    // Read under the lock, so that deadlines are in the order of arrival.
    who->deadline = clock::now() + timeout;
    number = gate_.enter(who->deadline);
    callers_.emplace(number, who);
  }
  who->stop.emplace(std::move(stop), [weak = weak_from_this(), number] {
    if (auto self = weak.lock())
      self->give_up(number);
  });
  move_on();
}

void call_limiter::end(bool is_probe, call_outcome outcome, uint64_t tokens) {
  {
    std::unique_lock guard{mutex_};
    gate_.end(clock::now(), is_probe, outcome, tokens);
  }
  move_on();
}

void call_limiter::give_up(uint64_t number) {
  std::shared_ptr<caller> who;
  {
    std::unique_lock guard{mutex_};
    auto found = callers_.find(number);
    // It has begun: its request listens to the same token.
    if (found == callers_.end())
      return;
    gate_.leave(number);
    who = std::move(found->second);
    callers_.erase(found);
  }
  who->fail(http_fault_kind::cancelled);
}

void call_limiter::move_on() {
  auto now = clock::now();
  std::vector<answer> answers;
  std::optional<clock::time_point> wake;
  {
    std::unique_lock guard{mutex_};
    answers = settled(now);
    wake = next_wake(now);
  }
  // Without the lock: the client may be destroyed here and wait for its thread.
  if (wake)
    wake_at(*wake);
  for (const auto& item : answers)
    tell(item, now);
}

std::vector<call_limiter::answer> call_limiter::settled(clock::time_point now) {
  std::vector<answer> result;
  for (const auto& decision : gate_.decide(now))
    result.push_back(
      {std::move(callers_.extract(decision.number).mapped()), decision});
  return result;
}

std::optional<call_limiter::clock::time_point>
call_limiter::next_wake(clock::time_point now) {
  auto next = gate_.next(now);
  if (!next || (wakes_at_ && *wakes_at_ <= *next))
    return std::nullopt;
  wakes_at_ = next;
  return next;
}

void call_limiter::wake_at(clock::time_point when) {
  if (auto client = client_.lock())
    client->call_at(when, [weak = weak_from_this(), when] {
      if (auto self = weak.lock())
        self->woken_at(when);
    });
}

void call_limiter::woken_at(clock::time_point when) {
  {
    std::unique_lock guard{mutex_};
    if (wakes_at_ == when)
      wakes_at_ = std::nullopt;
  }
  move_on();
}

void call_limiter::tell(const answer& what, clock::time_point now) {
  switch (what.what.what) {
    case call_gate::verdict::begins: {
      call_permit permit;
      permit.state_ = std::make_shared<call_permit::state>(weak_from_this(),
                                                           what.what.is_probe);
      permit.time_left_ = what.to->deadline - now;
      return what.to->begin(std::move(permit));
    }
    case call_gate::verdict::too_late:
      return what.to->fail(http_fault_kind::timed_out);
    case call_gate::verdict::refused:
      return what.to->begin(make_error(
        ec::breaker_open, "the breaker of " + endpoint_
                            + " is open: the server has failed too often"));
  }
}

} // namespace cosmo::net

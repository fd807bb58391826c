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

  void confirm() {
    if (!std::exchange(is_probe, false))
      return;
    if (auto limiter = owner.lock())
      limiter->confirm();
  }

  void settle(call_outcome outcome, uint64_t tokens) {
    if (auto limiter = std::exchange(owner, {}).lock())
      limiter->end(is_probe, outcome, tokens);
  }

  std::weak_ptr<call_limiter> owner;
  bool is_probe;
};

void call_permit::confirm() const {
  if (state_)
    state_->confirm();
}

void call_permit::settle(call_outcome outcome, uint64_t tokens) const {
  if (state_)
    state_->settle(outcome, tokens);
}

/// Who waits. Its callback for a request to stop must be destroyed without the
/// lock, because that waits for one that is running.
struct call_limiter::caller {
  std::chrono::duration<double> timeout;
  beginning begin;
  clock::time_point deadline;
  std::optional<std::stop_callback<std::function<void()>>> stop;
};

call_limiter::call_limiter(const call_limits& limits, std::string server,
                           timer call_at)
  : is_unlimited_(limits.empty()),
    server_(std::move(server)),
    call_at_(std::move(call_at)),
    gate_(limits) {
  // nop
}

call_limiter::~call_limiter() {
  cancel_waiting();
}

void call_limiter::acquire(std::chrono::duration<double> timeout,
                           std::stop_token stop, beginning begin) {
  if (is_unlimited_) {
    call_permit permit;
    permit.time_left_ = timeout;
    return begin(std::move(permit));
  }
  auto who = std::make_shared<caller>();
  who->timeout = timeout;
  who->begin = std::move(begin);
  auto number = enter(who);
  who->stop.emplace(std::move(stop), [weak = weak_from_this(), number] {
    if (auto self = weak.lock())
      self->give_up(number);
  });
  move_on();
}

uint64_t call_limiter::enter(const std::shared_ptr<caller>& who) {
  std::unique_lock guard{mutex_};
  // Read under the lock, so that deadlines are in the order of arrival.
  who->deadline = clock::now() + within_timer(who->timeout);
  auto number = gate_.enter(who->deadline);
  callers_.emplace(number, who);
  return number;
}

void call_limiter::cancel_waiting() {
  std::map<uint64_t, std::shared_ptr<caller>> callers;
  {
    std::unique_lock guard{mutex_};
    callers.swap(callers_);
    for (const auto& [number, who] : callers)
      gate_.leave(number);
  }
  for (const auto& [number, who] : callers)
    who->begin(cancelled());
}

void call_limiter::confirm() {
  // Nobody waits beside a probe.
  std::unique_lock guard{mutex_};
  gate_.confirm();
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
  who->begin(cancelled());
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
  // Without the lock: what the timer belongs to may be destroyed here and wait
  // for its thread.
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
  call_at_(when, [weak = weak_from_this(), when] {
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
      return what.to->begin(make_error(
        ec::timeout, "the call of " + server_ + " could not begin within "
                       + format_seconds(what.to->timeout) + " s"));
    case call_gate::verdict::refused:
      return what.to->begin(make_error(
        ec::breaker_open, "the breaker of " + server_
                            + " is open: the server has failed too often"));
  }
}

caf::error call_limiter::cancelled() const {
  return make_error(ec::cancelled, "the call of " + server_ + " was cancelled");
}

} // namespace cosmo::net

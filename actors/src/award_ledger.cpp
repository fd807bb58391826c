// SPDX-License-Identifier: Apache-2.0
#include "award_ledger.hpp"

#include <utility>

namespace cosmo::actors {

void award_ledger::serve(const std::string& key, const caf::actor_addr& host) {
  std::lock_guard guard{mutex_};
  hosts_[key] = host;
  left_.remove(key);
}

void award_ledger::leave(const std::string& key, const caf::actor_addr& host) {
  std::vector<std::function<void()>> refused;
  {
    std::lock_guard guard{mutex_};
    auto i = hosts_.find(key);
    if (i == hosts_.end() || i->second != host)
      return;
    hosts_.erase(i);
    left_.add(key);
    auto lost = open_.extract(key);
    if (lost.empty())
      return;
    for (auto& award_id : lost.mapped()) {
      auto& e = awards_.at(award_id);
      e.now = state::withdrawn;
      withdrawn_.add(award_id);
      refused.push_back(std::move(e.on_refused));
    }
  }
  for (auto& tell : refused)
    tell();
}

caf::actor_addr award_ledger::host_of(const std::string& key) const {
  std::lock_guard guard{mutex_};
  auto i = hosts_.find(key);
  return i == hosts_.end() ? caf::actor_addr{} : i->second;
}

bool award_ledger::has_left(const std::string& key) const {
  std::lock_guard guard{mutex_};
  return left_.contains(key);
}

bool award_ledger::award(const std::string& award_id, std::string key,
                         const caf::actor_addr& host,
                         std::function<void()> on_refused) {
  std::lock_guard guard{mutex_};
  if (auto i = hosts_.find(key); i == hosts_.end() || i->second != host)
    return false;
  open_[key].push_back(award_id);
  awards_.emplace(award_id, entry{std::move(key), std::move(on_refused)});
  return true;
}

bool award_ledger::accept(const std::string& award_id) {
  std::lock_guard guard{mutex_};
  auto i = awards_.find(award_id);
  if (i == awards_.end())
    return !withdrawn_.contains(award_id);
  return settle(award_id, i->second, state::accepted);
}

bool award_ledger::refuse(const std::string& award_id) {
  std::function<void()> tell;
  {
    std::lock_guard guard{mutex_};
    auto i = awards_.find(award_id);
    if (i == awards_.end())
      return withdrawn_.contains(award_id);
    if (!settle(award_id, i->second, state::withdrawn))
      return true;
    tell = std::move(i->second.on_refused);
  }
  tell();
  return true;
}

void award_ledger::forget(const std::string& award_id) {
  std::lock_guard guard{mutex_};
  auto i = awards_.find(award_id);
  if (i == awards_.end())
    return;
  settle(award_id, i->second, state::accepted);
  awards_.erase(i);
}

void award_ledger::memory::add(const std::string& id) {
  if (!ids_.insert(id).second)
    return;
  order_.push_back(id);
  while (order_.size() > capacity) {
    ids_.erase(order_.front());
    order_.pop_front();
  }
}

bool award_ledger::settle(const std::string& award_id, entry& e, state now) {
  if (e.now != state::open)
    return false;
  e.now = now;
  if (now == state::withdrawn)
    withdrawn_.add(award_id);
  auto i = open_.find(e.key);
  std::erase(i->second, award_id);
  if (i->second.empty())
    open_.erase(i);
  return true;
}

} // namespace cosmo::actors

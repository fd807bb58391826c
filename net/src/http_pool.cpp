// SPDX-License-Identifier: Apache-2.0
#include "http_pool.hpp"

#include <algorithm>

namespace cosmo::net {

namespace {

/// What the rest of a response may come to before another connection is the
/// cheaper way.
constexpr size_t drain_bytes_max = 16 * 1024;
constexpr std::chrono::milliseconds drain_time_max{500};

} // namespace

http_pool::http_pool(boost::asio::io_context& context,
                     size_t idle_connections_max,
                     std::chrono::milliseconds idle_time_max)
  : context_(context),
    idle_connections_max_(idle_connections_max),
    idle_time_max_(idle_time_max) {
  // nop
}

std::shared_ptr<http_connection> http_pool::take(const http_origin& origin) {
  auto found = entries_.find(origin);
  if (found == entries_.end())
    return nullptr;
  std::shared_ptr<http_connection> result;
  auto& idle = found->second;
  while (!result && !idle.empty()) {
    result = std::move(idle.back().connection);
    idle.pop_back();
    if (result->is_stale()) {
      result->close();
      result = nullptr;
    }
  }
  if (idle.empty())
    entries_.erase(found);
  return result;
}

void http_pool::put(std::shared_ptr<http_connection> connection) {
  if (idle_connections_max_ == 0)
    return connection->close();
  auto origin = connection->origin();
  auto& idle = entries_[origin];
  if (idle.size() == idle_connections_max_) {
    idle.front().connection->close();
    idle.pop_front();
  }
  auto expiry
    = std::make_unique<boost::asio::steady_timer>(context_, idle_time_max_);
  expiry->async_wait([this, origin, id = expiry.get()](auto error) {
    if (!error)
      drop(origin, id);
  });
  idle.push_back({std::move(connection), std::move(expiry)});
}

void http_pool::put_drained(
  const std::shared_ptr<http_connection>& connection) {
  auto timer
    = std::make_shared<boost::asio::steady_timer>(context_, drain_time_max);
  std::weak_ptr<http_connection> weak = connection;
  timer->async_wait([weak](auto error) {
    if (auto late = weak.lock(); late && !error)
      late->close();
  });
  connection->drain(drain_bytes_max, [this, weak, timer](auto fault) {
    timer->cancel();
    auto drained = weak.lock();
    if (!fault && drained->is_reusable())
      put(std::move(drained));
    else
      drained->close();
  });
}

void http_pool::clear() {
  for (auto& [origin, idle] : entries_)
    for (auto& item : idle)
      item.connection->close();
  entries_.clear();
}

void http_pool::drop(const http_origin& origin,
                     const boost::asio::steady_timer* expiry) {
  auto found = entries_.find(origin);
  if (found == entries_.end())
    return;
  auto& idle = found->second;
  auto is_due = [expiry](const entry& x) { return x.expiry.get() == expiry; };
  auto due = std::find_if(idle.begin(), idle.end(), is_due);
  // Taken in the same turn of the loop in which it expired.
  if (due == idle.end())
    return;
  due->connection->close();
  idle.erase(due);
  if (idle.empty())
    entries_.erase(found);
}

} // namespace cosmo::net

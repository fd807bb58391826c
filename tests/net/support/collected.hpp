// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "http_exchange.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <stdexcept>
#include <utility>

namespace cosmo::net::test {

/// What callbacks of other threads leave for the test, in order.
template <class T>
class collected {
public:
  void add(T what) {
    std::lock_guard guard{mutex_};
    all_.push_back(std::move(what));
    changed_.notify_all();
  }

  /// Takes the next one; throws after `patience`.
  T next() {
    std::unique_lock guard{mutex_};
    if (!changed_.wait_for(guard, patience, [this] { return !all_.empty(); }))
      throw std::runtime_error{"nothing comes any more"};
    auto result = std::move(all_.front());
    all_.pop_front();
    return result;
  }

  /// Whether there is none right now.
  bool empty() const {
    std::lock_guard guard{mutex_};
    return all_.empty();
  }

private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<T> all_;
};

} // namespace cosmo::net::test

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace cosmo::test {

/// How long anything may take before a test counts as hanging.
inline constexpr std::chrono::seconds patience{60};

/// Where threads wait for each other: a latch with a deadline.
class meeting {
public:
  explicit meeting(size_t expected) : missing_(expected) {
    // nop
  }

  void arrive() {
    std::lock_guard guard{mutex_};
    if (missing_ > 0 && --missing_ == 0)
      complete_.notify_all();
  }

  /// @returns whether all arrived in time.
  bool wait(std::chrono::nanoseconds timeout = patience) {
    std::unique_lock guard{mutex_};
    return complete_.wait_for(guard, timeout, [this] { return missing_ == 0; });
  }

  bool arrive_and_wait() {
    arrive();
    return wait();
  }

private:
  std::mutex mutex_;
  std::condition_variable complete_;
  size_t missing_;
};

} // namespace cosmo::test

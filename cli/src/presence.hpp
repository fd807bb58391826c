// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace cosmo::cli {

/// Whether something that comes and goes is there. It is at first.
/// @affinity any thread
class presence {
public:
  void begin() {
    set(true);
  }

  void end() {
    set(false);
  }

  /// @returns whether it is there before the time is over.
  bool wait(std::chrono::nanoseconds time) {
    std::unique_lock guard{mutex_};
    return has_news_.wait_for(guard, time, [this] { return is_there_; });
  }

private:
  void set(bool is_there) {
    std::lock_guard guard{mutex_};
    is_there_ = is_there;
    has_news_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable has_news_;
  bool is_there_ = true;
};

} // namespace cosmo::cli

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace cosmo::cli {

/// Frames on their way from a connection's thread to the command that prints
/// them, until somebody says that it is over.
/// @affinity any thread
class frame_feed {
public:
  struct item {
    std::string subject;
    std::string frame;
  };

  explicit frame_feed(size_t items_max = 10'000) : items_max_(items_max) {
    // nop
  }

  // -- those who bring ----------------------------------------------------------

  /// Adds a frame; drops and counts it if too many are waiting.
  void offer(std::string_view subject, std::string_view frame);

  /// Adds a frame; waits while too many are waiting.
  void put(std::string_view subject, std::string_view frame);

  /// Nothing more will come, because of this.
  void fail(std::string why);

  /// Nobody wants more.
  void interrupt();

  // -- the one who takes --------------------------------------------------------

  /// The next frame; nothing when it is over. What has come before a failure
  /// is still there.
  std::optional<item> take();

  /// As above; nothing also when the time is over.
  std::optional<item> take_until(std::chrono::steady_clock::time_point when);

  /// Whether there is nothing to take right now.
  bool empty() const;

  bool interrupted() const;

  /// Why nothing more comes; absent without failure.
  std::optional<std::string> fault() const;

  /// How many were dropped.
  uint64_t dropped() const;

private:
  bool is_over() const {
    return interrupted_ || (fault_ && items_.empty());
  }

  std::optional<item> pop();

  mutable std::mutex mutex_;
  std::condition_variable has_news_;
  std::condition_variable has_room_;
  std::deque<item> items_;
  size_t items_max_;
  uint64_t dropped_ = 0;
  bool interrupted_ = false;
  std::optional<std::string> fault_;
};

} // namespace cosmo::cli

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

  explicit frame_feed(size_t items_max = 10'000,
                      size_t bytes_max = 64 * 1024 * 1024)
    : items_max_(items_max), bytes_max_(bytes_max) {
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

  /// As above. When the time is over nothing more is taken in, and what has
  /// come before is still there.
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
    return interrupted_ || ((fault_ || is_closed_) && items_.empty());
  }

  // Whether those who bring may stop.
  bool is_shut() const {
    return interrupted_ || is_closed_;
  }

  // A frame that is above the limit by itself goes alone.
  bool has_room(std::string_view frame) const {
    return items_.empty()
           || (items_.size() < items_max_
               && bytes_ + frame.size() <= bytes_max_);
  }

  void append(std::string_view subject, std::string_view frame);

  std::optional<item> pop();

  mutable std::mutex mutex_;
  std::condition_variable has_news_;
  std::condition_variable has_room_;
  std::deque<item> items_;
  size_t items_max_;
  size_t bytes_max_;
  size_t bytes_ = 0;
  uint64_t dropped_ = 0;
  bool interrupted_ = false;
  bool is_closed_ = false;
  std::optional<std::string> fault_;
};

} // namespace cosmo::cli

// SPDX-License-Identifier: Apache-2.0
#include "frame_feed.hpp"

#include <utility>

namespace cosmo::cli {

void frame_feed::offer(std::string_view subject, std::string_view frame) {
  std::lock_guard guard{mutex_};
  if (interrupted_ || items_.size() >= items_max_) {
    ++dropped_;
    return;
  }
  items_.push_back({std::string{subject}, std::string{frame}});
  has_news_.notify_one();
}

void frame_feed::put(std::string_view subject, std::string_view frame) {
  std::unique_lock guard{mutex_};
  has_room_.wait(guard,
                 [this] { return interrupted_ || items_.size() < items_max_; });
  if (interrupted_)
    return;
  items_.push_back({std::string{subject}, std::string{frame}});
  has_news_.notify_one();
}

void frame_feed::fail(std::string why) {
  std::lock_guard guard{mutex_};
  if (!fault_)
    fault_ = std::move(why);
  has_news_.notify_one();
}

void frame_feed::interrupt() {
  std::lock_guard guard{mutex_};
  interrupted_ = true;
  has_news_.notify_one();
  has_room_.notify_all();
}

std::optional<frame_feed::item> frame_feed::take() {
  std::unique_lock guard{mutex_};
  has_news_.wait(guard, [this] { return is_over() || !items_.empty(); });
  return pop();
}

std::optional<frame_feed::item>
frame_feed::take_until(std::chrono::steady_clock::time_point when) {
  std::unique_lock guard{mutex_};
  has_news_.wait_until(guard, when,
                       [this] { return is_over() || !items_.empty(); });
  return pop();
}

std::optional<frame_feed::item> frame_feed::pop() {
  if (interrupted_ || items_.empty())
    return std::nullopt;
  auto result = std::move(items_.front());
  items_.pop_front();
  has_room_.notify_one();
  return result;
}

bool frame_feed::empty() const {
  std::lock_guard guard{mutex_};
  return items_.empty();
}

bool frame_feed::interrupted() const {
  std::lock_guard guard{mutex_};
  return interrupted_;
}

std::optional<std::string> frame_feed::fault() const {
  std::lock_guard guard{mutex_};
  return fault_;
}

uint64_t frame_feed::dropped() const {
  std::lock_guard guard{mutex_};
  return dropped_;
}

} // namespace cosmo::cli

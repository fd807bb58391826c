// SPDX-License-Identifier: Apache-2.0
#include "frame_feed.hpp"

#include <utility>

namespace cosmo::cli {

void frame_feed::offer(std::string_view subject, std::string_view frame) {
  std::lock_guard guard{mutex_};
  if (is_shut())
    return;
  if (has_room(frame))
    append(subject, frame);
  else
    ++dropped_;
}

void frame_feed::put(std::string_view subject, std::string_view frame) {
  std::unique_lock guard{mutex_};
  has_room_.wait(guard, [&] { return is_shut() || has_room(frame); });
  if (!is_shut())
    append(subject, frame);
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
  if (std::chrono::steady_clock::now() >= when) {
    is_closed_ = true;
    has_room_.notify_all();
  }
  return pop();
}

void frame_feed::append(std::string_view subject, std::string_view frame) {
  bytes_ += frame.size();
  items_.push_back({std::string{subject}, std::string{frame}});
  has_news_.notify_one();
}

std::optional<frame_feed::item> frame_feed::pop() {
  if (interrupted_ || items_.empty())
    return std::nullopt;
  auto result = std::move(items_.front());
  items_.pop_front();
  bytes_ -= result.frame.size();
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

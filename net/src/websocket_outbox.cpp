// SPDX-License-Identifier: Apache-2.0
#include "websocket_outbox.hpp"

#include <utility>

namespace cosmo::net {

caf::error check(const websocket_options& options) {
  auto wrong = [](std::string text) {
    return make_error(ec::bad_config, "websocket: " + std::move(text));
  };
  if (options.messages_max == 0)
    return wrong("messages_max must be > 0");
  if (options.ping_interval.count() <= 0)
    return wrong("ping_interval must be > 0");
  return {};
}

websocket_outbox::websocket_outbox(const websocket_options& options,
                                   std::function<void()> on_close)
  : options_(options), on_close_(std::move(on_close)) {
  // nop
}

std::shared_ptr<websocket_outbox>
websocket_outbox::reader_of(std::shared_ptr<websocket_outbox> outbox) {
  auto* plain = outbox.get();
  return {plain, [outbox = std::move(outbox)](auto*) { outbox->end(); }};
}

bool websocket_outbox::push(std::string text) {
  std::unique_lock guard{mutex_};
  if (is_finished_)
    return false;
  waiting_bytes_ += text.size();
  waiting_.push_back(std::move(text));
  while (is_full())
    drop_oldest();
  return is_to_be_told();
}

bool websocket_outbox::finish() {
  std::unique_lock guard{mutex_};
  return !std::exchange(is_finished_, true) && is_to_be_told();
}

websocket_outbox::item websocket_outbox::take() {
  std::unique_lock guard{mutex_};
  if (!waiting_.empty()) {
    auto result = std::move(waiting_.front());
    waiting_.pop_front();
    waiting_bytes_ -= result.size();
    return result;
  }
  is_told_ = false;
  if (is_finished_)
    return finished{};
  return nothing{};
}

void websocket_outbox::end() {
  std::function<void()> on_close;
  std::deque<std::string> unsent;
  {
    std::unique_lock guard{mutex_};
    is_finished_ = true;
    on_close = std::exchange(on_close_, nullptr);
    unsent.swap(waiting_);
    waiting_bytes_ = 0;
  }
  if (on_close)
    on_close();
}

uint64_t websocket_outbox::dropped() const {
  std::unique_lock guard{mutex_};
  return dropped_;
}

bool websocket_outbox::is_full() const {
  return waiting_.size() > options_.messages_max
         || (waiting_bytes_ > options_.bytes_max && waiting_.size() > 1);
}

void websocket_outbox::drop_oldest() {
  waiting_bytes_ -= waiting_.front().size();
  waiting_.pop_front();
  ++dropped_;
}

bool websocket_outbox::is_to_be_told() {
  return !std::exchange(is_told_, true);
}

} // namespace cosmo::net

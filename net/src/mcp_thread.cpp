// SPDX-License-Identifier: Apache-2.0
#include "mcp_thread.hpp"

#include "io_thread.hpp"
#include <cosmo/log.hpp>

namespace cosmo::net {

namespace {

/// Shuts the thread down when the program ends.
struct thread_keeper {
  thread_keeper() {
    // What is made before is destroyed after: the log is used to the last.
    log::debug("neuron.mcp", "thread-made", "");
  }

  ~thread_keeper() {
    thread->shut_down();
  }

  std::shared_ptr<mcp_thread> thread = std::make_shared<mcp_thread>();
};

} // namespace

std::shared_ptr<mcp_thread> mcp_thread::shared() {
  static thread_keeper keeper;
  return keeper.thread;
}

mcp_thread::mcp_thread() : work_(boost::asio::make_work_guard(context_)) {
  // nop
}

caf::error mcp_thread::run() {
  if (ending_.stop_requested())
    return {};
  std::lock_guard guard{mutex_};
  if (thread_.joinable())
    return {};
  auto started = start_io_thread(context_, "cosmo.mcp", shared_from_this());
  if (!started)
    return std::move(started.error());
  thread_ = std::move(*started);
  return {};
}

void mcp_thread::call_at(std::chrono::steady_clock::time_point when,
                         std::function<void()> fn) {
  post([this, when, fn = std::move(fn)] {
    // Nobody waits for a timer at the end.
    if (ending_.stop_requested())
      return;
    auto timer = std::make_shared<boost::asio::steady_timer>(context_, when);
    timers_.insert(timer);
    timer->async_wait([this, timer, fn](auto error) {
      timers_.erase(timer);
      if (!error)
        fn();
    });
  });
}

void mcp_thread::shut_down() {
  ending_.request_stop();
  post([this] {
    for (const auto& timer : timers_)
      timer->cancel();
  });
  work_.reset();
  std::lock_guard guard{mutex_};
  if (thread_.joinable())
    thread_.join();
  path_.close();
  // What came too late may hold what holds this.
  context_.restart();
  context_.poll();
}

} // namespace cosmo::net

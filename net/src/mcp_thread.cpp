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

void mcp_thread::shut_down() {
  ending_.request_stop();
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

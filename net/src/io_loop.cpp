// SPDX-License-Identifier: Apache-2.0
#include "io_loop.hpp"

#include "io_thread.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace cosmo::net {

io_loop::io_loop(const char* name)
  : name_(name), work_(boost::asio::make_work_guard(context_)) {
  // nop
}

caf::error io_loop::start() {
  auto started = start_io_thread(context_, name_, shared_from_this());
  if (!started)
    return std::move(started.error());
  thread_ = std::move(*started);
  return {};
}

bool io_loop::post(std::function<void()> fn) {
  std::unique_lock guard{mutex_};
  if (has_ended_)
    return false;
  boost::asio::post(context_, std::move(fn));
  return true;
}

void io_loop::end() {
  {
    std::unique_lock guard{mutex_};
    has_ended_ = true;
  }
  work_.reset();
  if (thread_.joinable())
    thread_.join();
}

} // namespace cosmo::net

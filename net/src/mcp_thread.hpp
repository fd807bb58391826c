// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "return_path.hpp"
#include <cosmo/error.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <stop_token>
#include <thread>
#include <utility>

namespace cosmo::net {

/// The thread on which MCP sources talk to their servers. What it has begun it
/// brings to an end: `shut_down` returns when the last child has been reaped,
/// so that a program leaves none behind.
class mcp_thread : public std::enable_shared_from_this<mcp_thread> {
public:
  /// The thread that all sources of the program have in common. It is shut
  /// down when the program ends.
  static std::shared_ptr<mcp_thread> shared();

  mcp_thread();

  /// Starts the thread with the first call.
  caf::error run();

  boost::asio::io_context& context() noexcept {
    return context_;
  }

  /// Calls `fn` on the thread; drops it after the thread has ended.
  template <class F>
  void post(F fn) {
    path_.post(std::move(fn));
  }

  /// Calls `fn` on the thread when it is time, or never if that ends before.
  void call_at(std::chrono::steady_clock::time_point when,
               std::function<void()> fn);

  /// Requested when all conversations have to end.
  std::stop_token ending() const noexcept {
    return ending_.get_token();
  }

  /// Returns when all conversations have ended, the servers' processes
  /// included. Not from the thread itself.
  void shut_down();

private:
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type>
    work_;
  return_path path_{context_};
  std::stop_source ending_;
  /// On the thread only.
  std::set<std::shared_ptr<boost::asio::steady_timer>> timers_;
  std::mutex mutex_;
  std::thread thread_;
};

} // namespace cosmo::net

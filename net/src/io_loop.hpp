// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/error.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <mutex>
#include <thread>

namespace cosmo::net {

/// The I/O thread of a server or client, and the way to it for whatever may
/// live longer.
class io_loop : public std::enable_shared_from_this<io_loop> {
public:
  /// @param name of the thread, as debuggers show it.
  explicit io_loop(const char* name);

  boost::asio::io_context& context() noexcept {
    return context_;
  }

  caf::error start();

  /// Runs `fn` on the thread.   @returns false, and drops it, once that has
  /// ended.   @affinity any thread
  bool post(std::function<void()> fn);

  /// Returns when the thread has done everything it was asked for.
  /// @pre no timer, no socket is left   @affinity not the thread itself
  void end();

private:
  const char* name_;
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type>
    work_;
  std::mutex mutex_;
  bool has_ended_ = false;
  std::thread thread_;
};

} // namespace cosmo::net

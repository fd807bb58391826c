// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <mutex>
#include <utility>

namespace cosmo::net {

/// The way back to an I/O thread for whoever may outlive it. Closed before the
/// context goes away; what is posted later is dropped.   @affinity any thread
class return_path {
public:
  explicit return_path(boost::asio::io_context& context) : context_(&context) {
    // nop
  }

  template <class F>
  void post(F fn) {
    std::unique_lock guard{mutex_};
    if (context_)
      boost::asio::post(*context_, std::move(fn));
  }

  void close() {
    std::unique_lock guard{mutex_};
    context_ = nullptr;
  }

private:
  std::mutex mutex_;
  boost::asio::io_context* context_;
};

} // namespace cosmo::net

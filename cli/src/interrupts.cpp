// SPDX-License-Identifier: Apache-2.0
#include "interrupts.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <thread>
#include <utility>

namespace cosmo::cli {

namespace {

class watch {
public:
  explicit watch(std::function<void()> fn) : fn_(std::move(fn)) {
    wait();
    thread_ = std::thread{[this] { context_.run(); }};
  }

  ~watch() {
    context_.stop();
    thread_.join();
  }

private:
  void wait() {
    signals_.async_wait([this](auto error, int) {
      if (error)
        return;
      // Whoever asks again does not want to wait: the default ends us.
      boost::system::error_code ignored;
      signals_.clear(ignored);
      fn_();
    });
  }

  std::function<void()> fn_;
  boost::asio::io_context context_{1};
  boost::asio::signal_set signals_{context_, SIGINT, SIGTERM};
  std::thread thread_;
};

} // namespace

std::shared_ptr<void> on_interrupt(std::function<void()> fn) {
  return std::make_shared<watch>(std::move(fn));
}

} // namespace cosmo::cli

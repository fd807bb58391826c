// SPDX-License-Identifier: Apache-2.0
#include "io_thread.hpp"

#include <cosmo/log.hpp>

#include <pthread.h>

#include <csignal>
#include <exception>
#include <string>
#include <system_error>
#include <utility>

namespace cosmo::net {

namespace {

/// A new thread inherits the mask of the one that starts it.
class all_signals_blocked {
public:
  all_signals_blocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before_);
  }

  ~all_signals_blocked() {
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

private:
  sigset_t before_;
};

void run(boost::asio::io_context& context, const char* name) {
  for (;;) {
    try {
      context.run();
      return;
    } catch (const std::exception& error) {
      log::error(name, "io-failed", error.what());
    }
  }
}

} // namespace

caf::expected<std::thread> start_io_thread(boost::asio::io_context& context,
                                           const char* name,
                                           std::shared_ptr<void> owner) {
  try {
    all_signals_blocked inherited;
    std::thread result{
      [&context, name, owner = std::move(owner)] { run(context, name); }};
    pthread_setname_np(result.native_handle(), name);
    return result;
  } catch (const std::system_error& error) {
    return make_error(ec::connect_failed,
                      std::string{"cannot start the I/O thread: "}
                        + error.what());
  }
}

} // namespace cosmo::net

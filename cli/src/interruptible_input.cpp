// SPDX-License-Identifier: Apache-2.0
#include "interruptible_input.hpp"

#include <poll.h>

#include <cerrno>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

namespace cosmo::cli {

namespace {

/// Calls a function of the system until no interrupt comes between.
template <class Fn>
auto undisturbed(Fn fn) {
  for (;;)
    if (const auto result = fn(); result >= 0 || errno != EINTR)
      return result;
}

} // namespace

interruptible_input::interruptible_input(int file) : file_(file) {
  if (pipe2(pipe_.data(), O_CLOEXEC) != 0)
    throw std::system_error{errno, std::generic_category(), "pipe2"};
}

interruptible_input::~interruptible_input() {
  close(pipe_[0]);
  close(pipe_[1]);
}

void interruptible_input::interrupt() noexcept {
  const char any = 0;
  (void)undisturbed([&] { return write(pipe_[1], &any, 1); });
}

interruptible_input::int_type interruptible_input::underflow() {
  pollfd both[] = {{file_, POLLIN, 0}, {pipe_[0], POLLIN, 0}};
  if (undisturbed([&] { return poll(both, 2, -1); }) < 0
      || both[1].revents != 0)
    return traits_type::eof();
  const auto size
    = undisturbed([&] { return read(file_, buffer_.data(), buffer_.size()); });
  if (size <= 0)
    return traits_type::eof();
  setg(buffer_.data(), buffer_.data(), buffer_.data() + size);
  return traits_type::to_int_type(buffer_[0]);
}

} // namespace cosmo::cli

// SPDX-License-Identifier: Apache-2.0
#include "interruptible_input.hpp"

#include <poll.h>

#include <unistd.h>

namespace cosmo::cli {

interruptible_input::int_type interruptible_input::underflow() {
  pollfd both[] = {{file_, POLLIN, 0}, {by_.file(), POLLIN, 0}};
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

// SPDX-License-Identifier: Apache-2.0
#include "interruptible_output.hpp"

#include <poll.h>

#include <algorithm>
#include <climits>
#include <unistd.h>

namespace cosmo::cli {

interruptible_output::interruptible_output(int file, const interruption& by,
                                           std::chrono::milliseconds grace)
  : file_(file), by_(by), grace_(grace) {
  setp(buffer_.data(), buffer_.data() + buffer_.size());
}

interruptible_output::~interruptible_output() {
  write_all();
}

interruptible_output::int_type interruptible_output::overflow(int_type c) {
  if (!write_all())
    return traits_type::eof();
  if (traits_type::eq_int_type(c, traits_type::eof()))
    return traits_type::not_eof(c);
  return sputc(traits_type::to_char_type(c));
}

int interruptible_output::sync() {
  return write_all() ? 0 : -1;
}

/// In pieces for which a pipe that has room at all has room.
bool interruptible_output::write_all() {
  const auto* next = pbase();
  while (next != pptr() && !has_failed_) {
    const auto size = std::min<ptrdiff_t>(pptr() - next, PIPE_BUF);
    const auto written = has_room() ? undisturbed([&] {
      return write(file_, next, static_cast<size_t>(size));
    })
                                    : -1;
    has_failed_ = written < 0;
    next += std::max<ssize_t>(written, 0);
  }
  setp(buffer_.data(), buffer_.data() + buffer_.size());
  return !has_failed_;
}

/// Waits for it.
bool interruptible_output::has_room() {
  pollfd both[] = {{file_, POLLOUT, 0}, {by_.file(), POLLIN, 0}};
  if (undisturbed([&] { return poll(both, 2, -1); }) < 0)
    return false;
  if (both[0].revents != 0)
    return true;
  return undisturbed(
           [&] { return poll(both, 1, static_cast<int>(grace_.count())); })
         > 0;
}

} // namespace cosmo::cli

// SPDX-License-Identifier: Apache-2.0
#include "interruption.hpp"

#include <fcntl.h>
#include <system_error>
#include <unistd.h>

namespace cosmo::cli {

interruption::interruption() {
  if (pipe2(pipe_.data(), O_CLOEXEC) != 0)
    throw std::system_error{errno, std::generic_category(), "pipe2"};
}

interruption::~interruption() {
  close(pipe_[0]);
  close(pipe_[1]);
}

void interruption::raise() noexcept {
  const char any = 0;
  (void)undisturbed([&] { return write(pipe_[1], &any, 1); });
}

} // namespace cosmo::cli

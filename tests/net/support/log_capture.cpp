// SPDX-License-Identifier: Apache-2.0
#include "log_capture.hpp"

#include <cosmo/log.hpp>

namespace cosmo::net::test {

log_capture::log_capture() {
  log::set_sink([this](log::level level, std::string_view,
                       std::string_view event, std::string_view) {
    // What else is told depends on what ran before.
    if (level < log::level::warning)
      return;
    std::unique_lock guard{mutex_};
    events_.emplace_back(event);
  });
}

log_capture::~log_capture() {
  log::set_sink({});
}

std::vector<std::string> log_capture::events() {
  std::unique_lock guard{mutex_};
  return events_;
}

} // namespace cosmo::net::test

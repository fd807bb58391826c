// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/log.hpp>

#include <algorithm>
#include <mutex>
#include <string>
#include <vector>

namespace cosmo::test {

/// Keeps what is logged as long as it lives, as lines `event: text`.
class recorded_log {
public:
  recorded_log() {
    log::set_sink([this](log::level, std::string_view, std::string_view event,
                         std::string_view text) {
      std::lock_guard guard{mutex_};
      lines_.push_back(std::string{event} + ": " + std::string{text});
    });
  }

  ~recorded_log() {
    log::set_sink({});
  }

  recorded_log(const recorded_log&) = delete;
  recorded_log& operator=(const recorded_log&) = delete;

  /// How many lines contain `part`.
  auto count(std::string_view part) {
    std::lock_guard guard{mutex_};
    return std::ranges::count_if(lines_, [part](const std::string& line) {
      return line.find(part) != std::string::npos;
    });
  }

private:
  std::mutex mutex_;
  std::vector<std::string> lines_;
};

} // namespace cosmo::test

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "console.hpp"
#include <cosmo/log.hpp>
#include <cosmo/timestamp.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace cosmo::cli {

/// For people, or for those who collect logs.
enum class log_format { text, json };

/// What the framework says once about its work.
struct log_entry {
  timestamp time;
  log::level level;
  std::string_view component;
  std::string_view event;
  std::string_view text;
};

/// One line without its end, whatever the entry quotes: `<time> <level>
/// <component> <event>: <text>`, or an object with these members.
std::string log_line(const log_entry& entry, log_format format);

/// Writes what the framework logs to standard error, as long as it lives: from
/// warnings on, for collectors also what is for their information. There is
/// nothing of the log before and after.
class log_lines {
public:
  log_lines(const console& con, log_format format);

  ~log_lines();

  log_lines(const log_lines&) = delete;
  log_lines& operator=(const log_lines&) = delete;

private:
  struct target;

  std::shared_ptr<target> target_;
};

} // namespace cosmo::cli

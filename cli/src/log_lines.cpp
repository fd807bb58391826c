// SPDX-License-Identifier: Apache-2.0
#include "log_lines.hpp"

#include "columns.hpp"
#include <cosmo/ids.hpp>
#include <cosmo/json.hpp>

#include <mutex>

namespace cosmo::cli {

namespace {

std::string_view name_of(log::level level) {
  switch (level) {
    case log::level::debug:
      return "debug";
    case log::level::info:
      return "info";
    case log::level::warning:
      return "warning";
    default:
      return "error";
  }
}

} // namespace

std::string log_line(const log_entry& entry, log_format format) {
  if (format == log_format::json)
    return json{{"time", to_string(entry.time)},
                {"level", name_of(entry.level)},
                {"component", entry.component},
                {"event", entry.event},
                {"text", entry.text}}
      .dump(-1, ' ', true, json::error_handler_t::replace);
  auto result = to_string(entry.time);
  result.append(" ").append(name_of(entry.level));
  result.append(" ").append(entry.component);
  result.append(" ").append(entry.event);
  return result.append(": ").append(printable(entry.text));
}

/// Others may still be writing when we have gone.
struct log_lines::target {
  std::mutex mutex;
  const console* con;
};

log_lines::log_lines(const console& con, log_format format)
  : target_(std::make_shared<target>()) {
  target_->con = &con;
  const auto lowest
    = format == log_format::json ? log::level::info : log::level::warning;
  log::set_sink([to = target_, format, lowest, clock = world::real().clock](
                  log::level level, std::string_view component,
                  std::string_view event, std::string_view text) {
    if (level < lowest)
      return;
    const auto line
      = log_line({clock->now(), level, component, event, text}, format);
    std::lock_guard guard{to->mutex};
    if (to->con != nullptr)
      to->con->log(line);
  });
}

log_lines::~log_lines() {
  log::set_sink({});
  std::lock_guard guard{target_->mutex};
  target_->con = nullptr;
}

} // namespace cosmo::cli

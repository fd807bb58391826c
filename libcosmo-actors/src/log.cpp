// SPDX-License-Identifier: Apache-2.0
#include <cosmo/log.hpp>

#include <iostream>
#include <memory>
#include <mutex>
#include <utility>

namespace cosmo::log {

namespace {

void to_standard_error(level lvl, std::string_view component,
                       std::string_view event, std::string_view text) {
  if (lvl < level::warning)
    return;
  std::clog << (lvl == level::error ? "error " : "warning ") << component << ' '
            << event << ": " << text << '\n';
}

std::mutex mutex;

std::shared_ptr<const sink>& current() {
  static auto instance = std::make_shared<const sink>(to_standard_error);
  return instance;
}

} // namespace

void set_sink(sink fn) {
  auto next = std::make_shared<const sink>(std::move(fn));
  std::lock_guard guard{mutex};
  current() = std::move(next);
}

void write(level lvl, std::string_view component, std::string_view event,
           std::string_view text) {
  std::unique_lock guard{mutex};
  auto fn = current();
  guard.unlock();
  if (*fn)
    (*fn)(lvl, component, event, text);
}

} // namespace cosmo::log

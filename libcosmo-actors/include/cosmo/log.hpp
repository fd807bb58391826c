// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string_view>

/// Searchable operation: every line has a component, a stable kebab-case event
/// id and a text. Nothing here ever sees an API key.
namespace cosmo::log {

enum class level { debug, info, warning, error };

using sink = std::function<void(level, std::string_view component,
                                std::string_view event, std::string_view text)>;

/// Replaces the process-wide sink; the default writes warnings and errors to
/// standard error. An empty sink silences. @affinity any thread
void set_sink(sink fn);

void write(level lvl, std::string_view component, std::string_view event,
           std::string_view text);

inline void debug(std::string_view component, std::string_view event,
                  std::string_view text) {
  write(level::debug, component, event, text);
}

inline void warning(std::string_view component, std::string_view event,
                    std::string_view text) {
  write(level::warning, component, event, text);
}

inline void error(std::string_view component, std::string_view event,
                  std::string_view text) {
  write(level::error, component, event, text);
}

} // namespace cosmo::log

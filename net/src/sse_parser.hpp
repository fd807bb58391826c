// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "line_splitter.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace cosmo::net {

/// One event of a `text/event-stream`; there as long as its taker runs.
struct sse_event {
  /// `message` if the server does not say.
  std::string_view type;
  /// The data lines, joined with LF.
  std::string_view data;
  /// The last id that the stream has set; empty without one.
  std::string_view id;
};

/// Reads server-sent events from pieces of any size. Comments, unknown fields
/// and blocks without data are skipped, as is an event that its stream cuts
/// off.
/// @source neurons.md section 16; the WHATWG's HTML standard, 9.2.6
class sse_parser {
public:
  explicit sse_parser(size_t event_bytes_max)
    : lines_(event_bytes_max), event_bytes_max_(event_bytes_max) {
    // nop
  }

  /// Calls `take(const sse_event&)` for each event that `bytes` completes.
  /// @returns false, for good, if an event is too large.
  template <class F>
  bool feed(std::string_view bytes, F&& take) {
    return lines_.feed(bytes, [&](std::string_view line) {
      if (!line.empty())
        return read_field(line);
      if (has_data_ && !is_too_large_)
        take(event());
      clear();
    }) && !is_too_large_;
  }

private:
  void read_field(std::string_view line);

  sse_event event() const;

  void clear();

  line_splitter lines_;
  size_t event_bytes_max_;
  std::string type_;
  std::string data_;
  std::string id_;
  bool has_data_ = false;
  bool is_too_large_ = false;
};

} // namespace cosmo::net

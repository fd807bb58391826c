// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cosmo::cli {

/// Reads a stream line by line in bounded memory, however long a line is.
class line_reader {
public:
  /// What is kept of a line, without its newline.
  struct line {
    std::string_view text;
    /// Whether there was more than fits.
    bool is_cut;
  };

  line_reader(std::istream& in, size_t line_bytes_max);

  /// The next line, there until the next call; nothing at the end of the
  /// stream and where it cannot be read: the stream's `bad()` tells them apart.
  std::optional<line> next();

private:
  // Makes sure that there are unread bytes.
  bool refill();

  std::istream& in_;
  size_t line_bytes_max_;
  std::vector<char> buffer_;
  std::string_view unread_;
  std::string line_;
};

} // namespace cosmo::cli

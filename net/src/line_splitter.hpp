// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace cosmo::net {

/// What ends a line.
enum class line_end {
  /// LF, CRLF and CR; and a byte order mark at the very beginning is skipped.
  any,
  /// LF alone.
  lf,
};

/// Cuts a stream of bytes into lines, whatever pieces it comes in.
class line_splitter {
public:
  explicit line_splitter(size_t line_bytes_max, line_end end = line_end::any)
    : line_bytes_max_(line_bytes_max), end_(end) {
    // nop
  }

  /// Calls `take` for each line that `bytes` completes; the line is there
  /// during the call only.
  /// @returns false, for good, if a line is too long.
  template <class F>
  bool feed(std::string_view bytes, F&& take) {
    if (is_too_long_)
      return false;
    if (is_after_cr_ && !bytes.empty()) {
      is_after_cr_ = false;
      if (bytes.front() == '\n')
        bytes.remove_prefix(1);
    }
    // Each byte is looked at once for either mark, by memchr.
    size_t pos = 0;
    auto lf = bytes.find('\n');
    auto cr = end_ == line_end::any ? bytes.find('\r') : bytes.npos;
    for (auto end = std::min(lf, cr); end != bytes.npos;
         end = std::min(lf, cr)) {
      if (!end_line(bytes.substr(pos, end - pos), take))
        return false;
      pos = end + 1;
      if (end == cr) {
        is_after_cr_ = pos == bytes.size();
        if (lf == pos)
          ++pos;
        cr = bytes.find('\r', pos);
      }
      if (lf < pos)
        lf = bytes.find('\n', pos);
    }
    return append(bytes.substr(pos));
  }

  /// The line that nothing has ended yet.
  std::string_view rest() const {
    return without_mark(rest_);
  }

private:
  template <class F>
  bool end_line(std::string_view piece, F& take) {
    // Mostly a line is in one piece and needs no copy.
    if (rest_.empty() && piece.size() <= line_bytes_max_) {
      take(without_mark(piece));
    } else {
      if (!append(piece))
        return false;
      take(without_mark(rest_));
      if (rest_.capacity() > kept_bytes_max)
        rest_ = std::string{};
      else
        rest_.clear();
    }
    is_first_ = false;
    return true;
  }

  bool append(std::string_view piece) {
    is_too_long_ = piece.size() > line_bytes_max_ - rest_.size();
    if (!is_too_long_)
      rest_.append(piece);
    return !is_too_long_;
  }

  std::string_view without_mark(std::string_view line) const {
    constexpr std::string_view mark = "\xEF\xBB\xBF";
    if (is_first_ && end_ == line_end::any && line.starts_with(mark))
      line.remove_prefix(mark.size());
    return line;
  }

  /// Room that is kept for the next line.
  static constexpr size_t kept_bytes_max = 64 * 1024;

  size_t line_bytes_max_;
  line_end end_;
  std::string rest_;
  bool is_first_ = true;
  bool is_after_cr_ = false;
  bool is_too_long_ = false;
};

} // namespace cosmo::net

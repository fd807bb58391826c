// SPDX-License-Identifier: Apache-2.0
#include "line_reader.hpp"

#include <algorithm>
#include <istream>

namespace cosmo::cli {

line_reader::line_reader(std::istream& in, size_t line_bytes_max)
  : in_(in), line_bytes_max_(line_bytes_max), buffer_(64 * 1024) {
  // nop
}

std::optional<line_reader::line> line_reader::next() {
  if (!refill())
    return {};
  line_.clear();
  bool is_cut = false;
  while (refill()) {
    const auto end = std::min(unread_.find('\n'), unread_.size());
    const auto room = line_bytes_max_ - line_.size();
    is_cut = is_cut || end > room;
    line_ += unread_.substr(0, std::min(end, room));
    const auto is_complete = end < unread_.size();
    unread_.remove_prefix(is_complete ? end + 1 : end);
    if (is_complete)
      break;
  }
  return line{line_, is_cut};
}

bool line_reader::refill() {
  if (!unread_.empty())
    return true;
  in_.read(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
  unread_ = {buffer_.data(), static_cast<size_t>(in_.gcount())};
  return !unread_.empty();
}

} // namespace cosmo::cli

// SPDX-License-Identifier: Apache-2.0
#include "sse_parser.hpp"

namespace cosmo::net {

void sse_parser::read_field(std::string_view line) {
  // Nearly every line begins like this.
  constexpr std::string_view data_field = "data:";
  auto colon
    = line.starts_with(data_field) ? data_field.size() - 1 : line.find(':');
  auto name = line.substr(0, colon);
  auto value = colon == line.npos ? std::string_view{} : line.substr(colon + 1);
  if (value.starts_with(' '))
    value.remove_prefix(1);
  if (name == "data") {
    is_too_large_ |= value.size() >= event_bytes_max_ - data_.size();
    if (is_too_large_)
      return;
    // The parts of an event are joined, so the first needs no LF before it.
    if (has_data_)
      data_ += '\n';
    data_ += value;
    has_data_ = true;
  } else if (name == "event") {
    type_ = value;
  } else if (name == "id" && value.find('\0') == value.npos) {
    id_ = value;
  }
}

sse_event sse_parser::event() const {
  return {type_.empty() ? "message" : std::string_view{type_}, data_, id_};
}

void sse_parser::clear() {
  type_.clear();
  data_.clear();
  has_data_ = false;
}

} // namespace cosmo::net

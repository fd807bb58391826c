// SPDX-License-Identifier: Apache-2.0
#include "sse_parser.hpp"

namespace cosmo::net {

void sse_parser::read_field(std::string_view line) {
  auto colon = line.find(':');
  auto name = line.substr(0, colon);
  auto value = colon == line.npos ? std::string_view{} : line.substr(colon + 1);
  if (value.starts_with(' '))
    value.remove_prefix(1);
  if (name == "data") {
    is_too_large_ |= value.size() >= event_bytes_max_ - data_.size();
    if (is_too_large_)
      return;
    data_.append(value) += '\n';
    has_data_ = true;
  } else if (name == "event") {
    type_ = value;
  } else if (name == "id" && value.find('\0') == value.npos) {
    id_ = value;
  }
}

sse_event sse_parser::event() const {
  std::string_view data{data_};
  data.remove_suffix(1);
  return {type_.empty() ? "message" : std::string_view{type_}, data, id_};
}

void sse_parser::clear() {
  type_.clear();
  data_.clear();
  has_data_ = false;
}

} // namespace cosmo::net

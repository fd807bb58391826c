// SPDX-License-Identifier: Apache-2.0
#include "binding_check.hpp"
#include <cosmo/engram_call.hpp>

namespace cosmo {

std::string_view to_string(recall_mode value) noexcept {
  switch (value) {
    case recall_mode::merge:
      return "merge";
    case recall_mode::all:
      return "all";
    default:
      return "first";
  }
}

caf::expected<recall_mode> parse_recall_mode(std::string_view text) {
  using enum recall_mode;
  for (auto value : {first, merge, all})
    if (text == to_string(value))
      return value;
  return make_error(ec::bad_argument,
                    "recall_mode must be first, merge or all: '"
                      + std::string{text} + "'");
}

caf::error check(const engram_binding& binding) {
  return check_binding("Engram", "engram", binding);
}

} // namespace cosmo

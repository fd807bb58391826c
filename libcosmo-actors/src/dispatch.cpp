// SPDX-License-Identifier: Apache-2.0
#include <cosmo/dispatch.hpp>

namespace cosmo {

std::string_view to_string(bid_selection value) noexcept {
  switch (value) {
    case bid_selection::lowest_cost:
      return "lowest_cost";
    case bid_selection::highest_confidence:
      return "highest_confidence";
    default:
      return "first_bid";
  }
}

caf::expected<bid_selection> parse_bid_selection(std::string_view text) {
  using enum bid_selection;
  for (auto value : {first_bid, lowest_cost, highest_confidence})
    if (text == to_string(value))
      return value;
  return make_error(ec::bad_argument,
                    "select must be first_bid, lowest_cost or "
                    "highest_confidence: '"
                      + std::string{text} + "'");
}

} // namespace cosmo

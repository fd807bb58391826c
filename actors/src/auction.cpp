// SPDX-License-Identifier: Apache-2.0
#include "auction.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace cosmo::actors {

namespace {

constexpr double none = -std::numeric_limits<double>::infinity();

} // namespace

auction::bid* auction::add(const signal& sig) {
  if (decided() || sig.parent_id() != offer_id_ || sig.directed_id().empty())
    return nullptr;
  auto terms = sig.get_if<payload::bid>();
  if (!terms)
    return nullptr;
  return &bids_.emplace_back(bid{sig, std::string{sig.directed_id()}, *terms});
}

std::optional<auction::bid> auction::take_best() {
  // The first of equals stays the best.
  auto best = bids_.begin();
  for (auto i = bids_.begin(); i != bids_.end(); ++i)
    if (better(*i, *best))
      best = i;
  if (best == bids_.end())
    return std::nullopt;
  auto result = std::move(*best);
  bids_.erase(best);
  return result;
}

bool auction::better(const bid& x, const bid& y) const {
  switch (select_) {
    case bid_selection::lowest_cost:
      return x.terms.cost < y.terms.cost;
    case bid_selection::highest_confidence:
      return x.terms.confidence.value_or(none)
             > y.terms.confidence.value_or(none);
    default:
      return false;
  }
}

} // namespace cosmo::actors

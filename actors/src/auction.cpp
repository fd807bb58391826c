// SPDX-License-Identifier: Apache-2.0
#include "auction.hpp"

#include <cmath>
#include <limits>
#include <utility>

namespace cosmo::actors {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Whatever is no number is worse than any.
double or_worst(std::optional<double> x, double worst) {
  return x && !std::isnan(*x) ? *x : worst;
}

} // namespace

auction::bid* auction::add(const signal& sig) {
  if (decided() || sig.parent_id() != offer_id_ || sig.directed_id().empty())
    return nullptr;
  auto terms = sig.get_if<payload::bid>();
  if (!terms)
    return nullptr;
  bid added{sig, std::string{sig.directed_id()}, *terms};
  // Left out on the wire, it reads as 0, and would win.
  if (sig.holds_struct() || sig.payload().contains("cost"))
    added.cost = terms->cost;
  return &bids_.emplace_back(std::move(added));
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
      return or_worst(x.cost, infinity) < or_worst(y.cost, infinity);
    case bid_selection::highest_confidence:
      return or_worst(x.terms.confidence, -infinity)
             > or_worst(y.terms.confidence, -infinity);
    default:
      return false;
  }
}

} // namespace cosmo::actors

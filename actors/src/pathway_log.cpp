// SPDX-License-Identifier: Apache-2.0
#include "pathway_log.hpp"

namespace cosmo::actors {

std::optional<pathway_log::verdict> pathway_log::append(signal sig) {
  if (closed_)
    return std::nullopt;
  auto type = sig.type();
  auto in_scope = scope_ == scope::all || types::terminal_scope.contains(type);
  items_.push_back({std::move(sig), in_scope, !in_scope});
  return verdict{in_scope, types::closing.contains(type)};
}

void pathway_log::take_newest() {
  items_.back().taken = true;
}

std::optional<signal> pathway_log::take(signal_type_set types) {
  while (first_untaken_ < items_.size() && items_[first_untaken_].taken)
    ++first_untaken_;
  for (auto i = first_untaken_; i < items_.size(); ++i) {
    auto& item = items_[i];
    if (!item.taken && types.contains(item.sig.type())) {
      item.taken = true;
      return item.sig;
    }
  }
  return std::nullopt;
}

std::optional<signal> pathway_log::next() {
  while (next_ < items_.size()) {
    auto& item = items_[next_++];
    if (item.in_scope)
      return item.sig;
  }
  return std::nullopt;
}

} // namespace cosmo::actors

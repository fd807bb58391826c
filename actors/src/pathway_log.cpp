// SPDX-License-Identifier: Apache-2.0
#include "pathway_log.hpp"

#include <algorithm>
#include <iterator>

namespace cosmo::actors {

caf::expected<size_t> read_replay_cap(const std::optional<size_t>& option) {
  if (option && *option == 0)
    return make_error(ec::bad_argument, "replay_cap must be > 0");
  return option.value_or(no_replay_cap);
}

std::optional<pathway_log::verdict> pathway_log::append(signal sig) {
  if (closed_)
    return std::nullopt;
  auto type = sig.type();
  auto in_scope = scope_ == scope::all || types::terminal_scope.contains(type);
  items_.push_back({std::move(sig), in_scope, !in_scope});
  verdict result{in_scope, types::closing.contains(type)};
  if (items_.size() > cap_)
    result.missed = forget_one();
  return result;
}

std::optional<signal> pathway_log::forget_one() {
  auto is_awaited = [](const entry& item) {
    return !item.taken && types::waking.contains(item.sig.type());
  };
  // The newest is on its way to those who wait for it right now.
  auto newest = std::prev(items_.end());
  auto i = std::find_if_not(items_.begin(), newest, is_awaited);
  if (i == newest)
    i = items_.begin();
  auto place = static_cast<size_t>(i - items_.begin());
  std::optional<signal> missed;
  if (place < next_)
    --next_;
  else if (is_read_ && i->in_scope)
    missed = std::move(i->sig);
  if (place < first_untaken_)
    --first_untaken_;
  items_.erase(i);
  return missed;
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
  is_read_ = true;
  while (next_ < items_.size()) {
    auto& item = items_[next_++];
    if (item.in_scope)
      return item.sig;
  }
  return std::nullopt;
}

} // namespace cosmo::actors

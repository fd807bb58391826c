// SPDX-License-Identifier: Apache-2.0
#include "dedup_window.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

namespace cosmo::actors {

namespace {

constexpr size_t slots_min = 64;

} // namespace

bool dedup_window::insert(std::string_view id, timestamp now) {
  if (window_.count() == 0 || capacity_ == 0)
    return true;
  age(now);
  auto x = fingerprint_of(id);
  // A new id misses the cache in both tables; let the misses overlap.
  old_.prefetch(x);
  if (young_.contains(x) || old_.contains(x))
    return false;
  young_.insert(x);
  return true;
}

void dedup_window::age(timestamp now) {
  auto expired = now - young_since_ >= window_;
  if (!expired && young_.count < capacity_)
    return;
  // After a long silence the old generation is not even worth keeping.
  if (now - young_since_ >= 2 * window_)
    young_.clear();
  std::swap(young_, old_);
  young_.clear();
  young_since_ = now;
}

bool dedup_window::generation::contains(fingerprint x) const noexcept {
  return count > 0 && slots[place_of(x)] == x;
}

void dedup_window::generation::prefetch(fingerprint x) const noexcept {
  if (count > 0)
    __builtin_prefetch(&slots[x & (slots.size() - 1)]);
}

void dedup_window::generation::insert(fingerprint x) {
  if (2 * (count + 1) > slots.size()) {
    auto previous = std::move(slots);
    slots.assign(std::max(slots_min, 2 * previous.size()), 0);
    for (auto known : previous)
      if (known != 0)
        slots[place_of(known)] = known;
  }
  slots[place_of(x)] = x;
  ++count;
}

void dedup_window::generation::clear() noexcept {
  if (count > 0)
    std::ranges::fill(slots, 0);
  count = 0;
}

/// Where `x` is, or the free slot where it belongs.
size_t dedup_window::generation::place_of(fingerprint x) const noexcept {
  auto mask = slots.size() - 1;
  auto i = x & mask;
  while (slots[i] != x && slots[i] != 0)
    i = (i + 1) & mask;
  return i;
}

dedup_window::fingerprint
dedup_window::fingerprint_of(std::string_view id) noexcept {
  uint64_t result = 0x9E3779B97F4A7C15 ^ id.size();
  for (size_t i = 0; i < id.size(); i += 8) {
    uint64_t chunk = 0;
    std::memcpy(&chunk, id.data() + i, std::min<size_t>(8, id.size() - i));
    result = std::rotl((result ^ chunk) * 0xFF51AFD7ED558CCD, 29);
    result ^= result >> 32;
  }
  // Zero means free.
  return std::max<uint64_t>(result, 1);
}

} // namespace cosmo::actors

// SPDX-License-Identifier: Apache-2.0
#include "dedup_window.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace cosmo::actors {

namespace {

constexpr size_t slots_min = 64;

/// SplitMix64's finalizer: close seeds have nothing in common afterwards.
constexpr uint64_t scramble(uint64_t x) noexcept {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
  return x ^ (x >> 31);
}

/// Both halves of the product. Unlike the lower half alone, it lets no bit of
/// `x` through to a place that is known without knowing `factor`.
constexpr uint64_t folded_product(uint64_t x, uint64_t factor) noexcept {
  __extension__ using uint128 = unsigned __int128;
  auto product = static_cast<uint128>(x) * factor;
  return static_cast<uint64_t>(product >> 64) ^ static_cast<uint64_t>(product);
}

} // namespace

dedup_window::dedup_window(std::chrono::microseconds window, size_t capacity,
                           uint64_t seed) noexcept
  : window_(window),
    capacity_(capacity),
    start_(scramble(seed + 0x9E3779B97F4A7C15)),
    factor_(scramble(seed + 0x3C6EF372FE94F82A) | 1) {
  // nop
}

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
dedup_window::fingerprint_of(std::string_view id) const noexcept {
  auto result = start_;
  for (size_t i = 0; i < id.size(); i += 8) {
    uint64_t chunk = 0;
    std::memcpy(&chunk, id.data() + i, std::min<size_t>(8, id.size() - i));
    result = folded_product(result ^ chunk, factor_);
  }
  // Last, where no chunk can make up for another size.
  result = folded_product(result ^ id.size(), factor_);
  // Zero means free.
  return std::max<uint64_t>(result, 1);
}

} // namespace cosmo::actors

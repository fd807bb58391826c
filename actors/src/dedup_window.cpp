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

bool dedup_window::generation::contains(const fingerprint& x) const noexcept {
  return count > 0 && slots[place_of(x)] == x;
}

void dedup_window::generation::insert(const fingerprint& x) {
  if (2 * (count + 1) > slots.size()) {
    auto previous = std::move(slots);
    slots.assign(std::max(slots_min, 2 * previous.size()), {});
    for (auto& known : previous)
      if (known != fingerprint{})
        slots[place_of(known)] = known;
  }
  slots[place_of(x)] = x;
  ++count;
}

void dedup_window::generation::clear() noexcept {
  if (count > 0)
    std::ranges::fill(slots, fingerprint{});
  count = 0;
}

/// Where `x` is, or the free slot where it belongs.
size_t
dedup_window::generation::place_of(const fingerprint& x) const noexcept {
  auto mask = slots.size() - 1;
  auto i = x.first & mask;
  while (slots[i] != x && slots[i] != fingerprint{})
    i = (i + 1) & mask;
  return i;
}

dedup_window::fingerprint
dedup_window::fingerprint_of(std::string_view id) noexcept {
  fingerprint result{0x9E3779B97F4A7C15 ^ id.size(), 0xC2B2AE3D27D4EB4F};
  for (size_t i = 0; i < id.size(); i += 8) {
    uint64_t chunk = 0;
    std::memcpy(&chunk, id.data() + i, std::min<size_t>(8, id.size() - i));
    result.first = (result.first ^ chunk) * 0xFF51AFD7ED558CCD;
    result.first ^= result.first >> 32;
    result.second = std::rotl(result.second + chunk, 27) * 0xC4CEB9FE1A85EC53;
  }
  // Zero means free.
  result.second |= 1;
  return result;
}

} // namespace cosmo::actors

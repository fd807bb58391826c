// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/timestamp.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace cosmo::actors {

/// Remembers recent ids, so that a Signal is handled once. Bounded by time and
/// by count.
///
/// Every Signal passes here, so it must cost next to nothing: an id is kept as
/// 64 bits of hash in a flat table (a new id is taken for a known one with a
/// chance of capacity / 2^63), and ids are forgotten a generation at a time. An
/// id stays for at least the window, or until at least `capacity` newer ones
/// have come; it is gone after twice of either.
/// @source signals.md section 14, dendrite.md section 21
class dedup_window {
public:
  /// A `window` or `capacity` of zero remembers nothing. With a `seed` that
  /// publishers do not know they cannot make up two ids with the same hash,
  /// of which the second would pass for known.
  dedup_window(std::chrono::microseconds window, size_t capacity,
               uint64_t seed = 0) noexcept;

  /// @returns whether `id` is new; remembers it if so.
  bool insert(std::string_view id, timestamp now);

  size_t size() const noexcept {
    return young_.count + old_.count;
  }

private:
  using fingerprint = uint64_t;

  /// An open hash table; zero marks a free slot.
  struct generation {
    std::vector<fingerprint> slots;
    size_t count = 0;

    bool contains(fingerprint x) const noexcept;
    void prefetch(fingerprint x) const noexcept;
    void insert(fingerprint x);
    void clear() noexcept;
    size_t place_of(fingerprint x) const noexcept;
  };

  fingerprint fingerprint_of(std::string_view id) const noexcept;

  void age(timestamp now);

  std::chrono::microseconds window_;
  size_t capacity_;
  /// Where the hash begins, and what it multiplies with.
  uint64_t start_;
  uint64_t factor_;
  timestamp young_since_{};
  generation young_;
  generation old_;
};

} // namespace cosmo::actors

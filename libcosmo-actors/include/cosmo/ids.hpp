// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/clock.hpp>

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace cosmo {

inline constexpr std::string_view event_id_prefix = "evt_";
inline constexpr std::string_view trace_id_prefix = "trc_";
inline constexpr std::string_view engram_id_prefix = "eng_";

/// Whether a text may stand where an event id is expected: prefix only.
/// @source signals.md section 5, I3
constexpr bool is_event_id(std::string_view text) noexcept {
  return text.starts_with(event_id_prefix);
}

constexpr bool is_trace_id(std::string_view text) noexcept {
  return text.starts_with(trace_id_prefix);
}

/// Where random bits come from.
/// @affinity any thread
class random_source {
public:
  virtual ~random_source() = default;
  virtual uint64_t next() = 0;
};

using random_source_ptr = std::shared_ptr<random_source>;

/// Random bits as a number from 0 to 1, without 1.
inline double unit_interval(uint64_t bits) noexcept {
  return static_cast<double>(bits >> 11) * 0x1p-53;
}

/// 32 lower-case hexadecimal digits.
std::string hex_digits(random_source& random);

/// A reproducible source: the same seed gives the same bits (SplitMix64).
class seeded_random : public random_source {
public:
  explicit seeded_random(uint64_t seed) : state_(seed) {
    // nop
  }

  uint64_t next() override;

private:
  std::mutex mutex_;
  uint64_t state_;
};

/// Makes ids: a prefix and a canonical 26-character ULID, monotonic within the
/// source even when the clock stands still or goes back.
/// @affinity any thread   @source signals.md section 5, I1 and I2
class id_source {
public:
  id_source(wall_clock_ptr clock, random_source_ptr random);

  std::string new_event_id() {
    return next(event_id_prefix);
  }

  std::string new_trace_id() {
    return next(trace_id_prefix);
  }

  std::string new_engram_id() {
    return next(engram_id_prefix);
  }

  std::string next(std::string_view prefix);

  /// As above for a caller that has read the clock already.
  std::string next(std::string_view prefix, timestamp now);

private:
  wall_clock_ptr clock_;
  random_source_ptr random_;
  std::mutex mutex_;
  uint64_t last_ms_ = 0;
  // The 80 random bits, high 16 first.
  uint64_t random_high_ = 0;
  uint64_t random_low_ = 0;
};

/// The outside world as actors see it: time, chance and identity. One object
/// is shared by everything in a runtime; tests inject their own.
struct world {
  wall_clock_ptr clock;
  random_source_ptr random;
  std::shared_ptr<id_source> ids;

  /// The machine's clock and entropy. The only code that reads them.
  static world real();

  /// Reproducible: fixed start time, seeded randomness.
  static world seeded(uint64_t seed, std::shared_ptr<manual_clock> clock);
};

/// Ids from the machine's clock and entropy, for code outside a runtime.
std::string new_event_id();
std::string new_trace_id();
std::string new_engram_id();

} // namespace cosmo

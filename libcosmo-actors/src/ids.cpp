// SPDX-License-Identifier: Apache-2.0
#include <cosmo/ids.hpp>

#include <algorithm>
#include <random>
#include <utility>

namespace cosmo {

namespace {

constexpr char crockford[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

constexpr size_t ulid_length = 26;

/// Writes the `digits` lowest groups of five bits, most significant first.
void write_base32(char* out, uint64_t value, size_t digits) {
  for (auto i = digits; i-- > 0; value >>= 5)
    out[i] = crockford[value & 0x1F];
}

/// Writes 48 bits of time, then 16 + 64 random bits as 26 digits: 2 + 48 bits
/// make the first ten, the 80 random bits the other sixteen.
void write_ulid(char* out, uint64_t ms, uint64_t high, uint64_t low) {
  write_base32(out, ms, 10);
  // 80 bits are 16 digits: the upper 40 bits and the lower 40 bits.
  auto upper = (high << 24) | (low >> 40);
  write_base32(out + 10, upper, 8);
  write_base32(out + 18, low & 0xFFFFFFFFFF, 8);
}

class machine_clock : public wall_clock {
public:
  timestamp now() const override {
    return std::chrono::floor<std::chrono::microseconds>(
      std::chrono::system_clock::now());
  }
};

class machine_random : public random_source {
public:
  machine_random() : engine_(seed()) {
    // nop
  }

  uint64_t next() override {
    std::lock_guard guard{mutex_};
    return engine_();
  }

private:
  static std::mt19937_64 seed() {
    std::random_device device;
    std::seed_seq bits{device(), device(), device(), device(),
                       device(), device(), device(), device()};
    return std::mt19937_64{bits};
  }

  std::mutex mutex_;
  std::mt19937_64 engine_;
};

} // namespace

std::string hex_digits(random_source& random) {
  constexpr std::string_view hex = "0123456789abcdef";
  std::string result;
  for (auto i = 0; i < 2; ++i) {
    auto bits = random.next();
    for (auto j = 0; j < 16; ++j, bits >>= 4)
      result += hex[bits & 15];
  }
  return result;
}

uint64_t seeded_random::next() {
  std::lock_guard guard{mutex_};
  state_ += 0x9E3779B97F4A7C15;
  auto z = state_;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

id_source::id_source(wall_clock_ptr clock, random_source_ptr random)
  : clock_(std::move(clock)), random_(std::move(random)) {
  // nop
}

std::string id_source::next(std::string_view prefix) {
  return next(prefix, clock_->now());
}

std::string id_source::next(std::string_view prefix, timestamp now) {
  std::string result(prefix.size() + ulid_length, '\0');
  prefix.copy(result.data(), prefix.size());
  auto since_epoch = now.time_since_epoch();
  auto now_ms = std::max<int64_t>(
    0, std::chrono::floor<std::chrono::milliseconds>(since_epoch).count());
  std::lock_guard guard{mutex_};
  if (auto ms = static_cast<uint64_t>(now_ms); ms > last_ms_) {
    last_ms_ = ms;
    random_high_ = random_->next() & 0xFFFF;
    random_low_ = random_->next();
  } else if (++random_low_ == 0) {
    // Within a millisecond, or after the clock went back, ids count upwards; an
    // overflow of all 80 bits borrows from the next millisecond.
    random_high_ = (random_high_ + 1) & 0xFFFF;
    if (random_high_ == 0)
      ++last_ms_;
  }
  write_ulid(result.data() + prefix.size(), last_ms_, random_high_,
             random_low_);
  return result;
}

world world::real() {
  auto clock = std::make_shared<const machine_clock>();
  auto random = std::make_shared<machine_random>();
  return {clock, random, std::make_shared<id_source>(clock, random)};
}

world world::seeded(uint64_t seed, std::shared_ptr<manual_clock> clock) {
  auto random = std::make_shared<seeded_random>(seed);
  auto ids = std::make_shared<id_source>(clock, random);
  return {std::move(clock), std::move(random), std::move(ids)};
}

namespace {

id_source& process_ids() {
  static const auto outside = world::real();
  return *outside.ids;
}

} // namespace

std::string new_event_id() {
  return process_ids().new_event_id();
}

std::string new_trace_id() {
  return process_ids().new_trace_id();
}

std::string new_engram_id() {
  return process_ids().new_engram_id();
}

} // namespace cosmo

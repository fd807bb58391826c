// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/timestamp.hpp>

#include <atomic>
#include <memory>

namespace cosmo {

/// Where `ts` comes from. Framework code never reads the wall clock itself.
/// @affinity any thread
class wall_clock {
public:
  virtual ~wall_clock() = default;
  virtual timestamp now() const = 0;
};

using wall_clock_ptr = std::shared_ptr<const wall_clock>;

/// A clock that moves when told to.
class manual_clock : public wall_clock {
public:
  explicit manual_clock(timestamp start) : now_(start) {
    // nop
  }

  timestamp now() const override {
    return now_.load();
  }

  void advance(std::chrono::microseconds by) {
    now_ = now_.load() + by;
  }

  /// May go backwards: clocks do.
  void set(timestamp to) {
    now_ = to;
  }

private:
  std::atomic<timestamp> now_;
};

} // namespace cosmo

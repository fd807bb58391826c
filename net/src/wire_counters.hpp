// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/net/wire_server.hpp>

#include <atomic>
#include <cstdint>

namespace cosmo::net {

/// A number that one thread changes and any other may read.
class shared_count {
public:
  void add(int64_t by = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed)
                   + static_cast<uint64_t>(by),
                 std::memory_order_relaxed);
  }

  uint64_t get() const noexcept {
    return value_.load(std::memory_order_relaxed);
  }

private:
  std::atomic<uint64_t> value_ = 0;
};

/// `wire_server_stats` in the making. @affinity changed by the I/O thread
struct wire_counters {
  shared_count connections;
  shared_count subscriptions;
  shared_count name_spaces;
  shared_count signals_received;
  shared_count signals_sent;
  shared_count signals_withheld;
  shared_count lines_refused;
  shared_count slow_consumers;
};

} // namespace cosmo::net

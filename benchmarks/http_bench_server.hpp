// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>

namespace bench {

/// A server on 127.0.0.1 that costs next to nothing: one thread, epoll, and per
/// connection what has arrived of a request.
class http_bench_server {
public:
  /// Takes a connection with a complete request; writes to it, now or later.
  using handler = std::function<void(int connection)>;

  explicit http_bench_server(handler on_request);

  /// Hangs up.
  ~http_bench_server();

  uint16_t port() const {
    return port_;
  }

  /// Blocks while the client does not read.   @affinity any thread
  static void write(int connection, std::string_view bytes);

private:
  void serve();

  void accept_one();

  void read_from(int connection);

  handler on_request_;
  int listener_;
  int poll_;
  uint16_t port_ = 0;
  std::unordered_map<int, std::string> received_;
  std::atomic<bool> is_stopping_ = false;
  std::jthread thread_;
};

} // namespace bench

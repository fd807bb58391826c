// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fake_server.hpp"

#include <atomic>
#include <cstddef>
#include <semaphore>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cosmo::net::test {

inline constexpr std::string_view chunked_head
  = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

inline constexpr std::string_view last_chunk = "0\r\n\r\n";

/// One chunk of a body in chunked coding.
inline std::string chunk(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string size;
  for (auto n = bytes.size(); n > 0; n /= 16)
    size.insert(size.begin(), digits[n % 16]);
  return size + "\r\n" + std::string{bytes} + "\r\n";
}

/// Answers one request with pieces, each written when the test wants it, and
/// then ends when the test wants that.
class paced_script {
public:
  explicit paced_script(std::vector<std::string> pieces)
    : pieces_(std::move(pieces)) {
    // nop
  }

  void play(fake_peer& peer) {
    peer.read_request();
    for (auto& bytes : pieces_) {
      wanted_.acquire();
      peer.write(bytes);
      ++written_;
      written_.notify_all();
    }
    wanted_.acquire();
  }

  /// Writes the next piece, or ends the script.
  void step() {
    ++steps_;
    wanted_.release();
  }

  /// The same, and returns when all pieces so far have been written.
  void step_and_wait() {
    step();
    for (auto n = written_.load(); n < steps_; n = written_.load())
      written_.wait(n);
  }

private:
  std::vector<std::string> pieces_;
  std::counting_semaphore<> wanted_{0};
  std::atomic<size_t> written_ = 0;
  size_t steps_ = 0;
};

} // namespace cosmo::net::test

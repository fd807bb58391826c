// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "raw_client.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cosmo::net::test {

/// Frames by their numbers. @source RFC 6455 section 5.2
enum opcode : uint8_t {
  continuation = 0,
  text_frame = 1,
  close_frame = 8,
  ping_frame = 9,
  pong_frame = 10,
};

/// The request for a WebSocket at `target`.
std::string websocket_handshake(std::string_view target,
                                std::string_view more_fields = {});

/// A frame as a client writes it.
std::string client_frame(uint8_t first_byte, std::string_view payload,
                         bool is_masked = true);

/// A WebSocket that says what a test wants, good or bad. Reads throw after
/// `patience`.
class websocket_client {
public:
  struct frame {
    uint8_t opcode;
    std::string payload;
  };

  /// Asks for a WebSocket and reads the head of the answer.
  websocket_client(uint16_t port, std::string_view target,
                   std::string_view more_fields = {});

  /// The answer to the request, up to the empty line.
  const std::string& head() const noexcept {
    return head_;
  }

  bool is_open() const {
    return head_.starts_with("HTTP/1.1 101 ");
  }

  /// The next frame, or nothing at the end.
  std::optional<frame> read_frame();

  /// The next text message, however it was cut; throws if there is none.
  std::string read_text();

  /// Reads what is left. @returns the code of the close frame, 0 without one
  uint16_t read_close();

  /// Says farewell, and goes when that is answered.
  void leave();

  void write(uint8_t opcode, std::string_view payload = {});

  raw_client& raw() noexcept {
    return raw_;
  }

private:
  raw_client raw_;
  std::string head_;
};

} // namespace cosmo::net::test

// SPDX-License-Identifier: Apache-2.0
#include "websocket_client.hpp"

#include <array>
#include <stdexcept>

namespace cosmo::net::test {

namespace {

constexpr uint8_t is_final = 0x80;

uint64_t number_of(std::string_view bytes) {
  uint64_t result = 0;
  for (auto byte : bytes)
    result = result << 8 | static_cast<uint8_t>(byte);
  return result;
}

std::string bytes_of(uint64_t number, size_t size) {
  std::string result(size, '\0');
  for (auto i = size; i-- > 0; number >>= 8)
    result[i] = static_cast<char>(number & 0xff);
  return result;
}

} // namespace

std::string websocket_handshake(std::string_view target,
                                std::string_view more_fields) {
  std::string result{"GET "};
  return result.append(target)
    .append(" HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\n"
            "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")
    .append(more_fields)
    .append("\r\n");
}

std::string client_frame(uint8_t first_byte, std::string_view payload,
                         bool is_masked) {
  constexpr std::array<char, 4> mask{'m', 'a', 's', 'k'};
  std::string result{static_cast<char>(first_byte)};
  auto mask_bit = is_masked ? 0x80 : 0;
  auto size = payload.size();
  auto [mark, length] = size < 126 ? std::pair{size, std::string{}}
                        : size < 65536
                          ? std::pair{size_t{126}, bytes_of(size, 2)}
                          : std::pair{size_t{127}, bytes_of(size, 8)};
  result += static_cast<char>(mask_bit | static_cast<int>(mark));
  result += length;
  if (!is_masked)
    return result.append(payload);
  result.append(mask.data(), mask.size());
  for (size_t i = 0; i < size; ++i)
    result += static_cast<char>(payload[i] ^ mask[i % mask.size()]);
  return result;
}

websocket_client::websocket_client(uint16_t port, std::string_view target,
                                   std::string_view more_fields)
  : raw_(port) {
  raw_.write(websocket_handshake(target, more_fields));
  head_ = raw_.read_until("\r\n\r\n");
}

std::optional<websocket_client::frame> websocket_client::read_frame() {
  auto head = raw_.read(2);
  if (head.size() < 2)
    return std::nullopt;
  auto size = static_cast<uint64_t>(head[1] & 0x7f);
  if (size == 126)
    size = number_of(raw_.read(2));
  else if (size == 127)
    size = number_of(raw_.read(8));
  return frame{static_cast<uint8_t>(head[0] & 0x0f), raw_.read(size)};
}

std::string websocket_client::read_text() {
  auto next = read_frame();
  while (next && next->opcode == ping_frame)
    next = read_frame();
  if (!next || next->opcode != text_frame)
    throw std::runtime_error{"no text comes"};
  return next->payload;
}

uint16_t websocket_client::read_close() {
  while (auto next = read_frame())
    if (next->opcode == close_frame)
      return static_cast<uint16_t>(number_of(next->payload.substr(0, 2)));
  return 0;
}

void websocket_client::leave() {
  write(close_frame, "\x03\xe8");
  (void)read_close();
  raw_.end_sending();
}

void websocket_client::write(uint8_t opcode, std::string_view payload) {
  raw_.write(client_frame(is_final | opcode, payload));
}

} // namespace cosmo::net::test

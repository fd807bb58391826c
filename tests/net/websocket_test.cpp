// SPDX-License-Identifier: Apache-2.0
#include "support/http_exchange.hpp"
#include "support/websocket_client.hpp"
#include <cosmo/net/http_server.hpp>
#include <cosmo/net/websocket.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <future>
#include <stdexcept>

using namespace cosmo;
using namespace cosmo::net;
using namespace cosmo::net::test;
using namespace std::literals;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;

namespace {

constexpr uint8_t is_final = 0x80;

/// A server whose every answer is a WebSocket, and the test's hold of the
/// first.
class socket_server {
public:
  explicit socket_server(websocket_options options = {}) {
    auto result = http_server::open(
      {}, [this, options](const incoming_request&, const http_reply& reply) {
        opened_.set_value(
          reply.upgrade(options, [this] { closed_.set_value(); }));
      });
    if (!result)
      throw std::runtime_error{describe(result.error())};
    http_ = std::move(*result);
  }

  ~socket_server() {
    http_->stop();
  }

  uint16_t port() const {
    return http_->port();
  }

  void stop() {
    http_->stop(patience);
  }

  websocket socket() {
    return wait_for(opened_.get_future());
  }

  /// Whether its owner is told that the WebSocket has closed.
  bool is_closed() {
    return closed_.get_future().wait_for(patience) == std::future_status::ready;
  }

private:
  template <class T>
  static T wait_for(std::future<T> pending) {
    if (pending.wait_for(patience) != std::future_status::ready)
      throw std::runtime_error{"no WebSocket is opened"};
    return pending.get();
  }

  std::promise<websocket> opened_;
  std::promise<void> closed_;
  std::shared_ptr<http_server> http_;
};

} // namespace

TEST_CASE("a WebSocket carries texts in order and closes after the last",
          "[net][websocket][integration]") {
  socket_server server;
  websocket_client client{server.port(), "/any"};
  REQUIRE(client.is_open());
  CHECK_THAT(
    client.head(),
    ContainsSubstring("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
  auto socket = server.socket();
  socket.send("one");
  socket.send("twö " + std::string(100'000, 'x'));
  socket.close();
  socket.send("too late");
  CHECK(client.read_text() == "one");
  CHECK_THAT(client.read_text(), StartsWith("twö xxx"));
  auto end = client.read_frame();
  REQUIRE(end);
  CHECK(end->opcode == close_frame);
  CHECK(end->payload == "\x03\xe8"); // 1000
  client.write(close_frame, end->payload);
  client.raw().end_sending();
  CHECK(server.is_closed());
  CHECK(socket.dropped() == 0);
}

TEST_CASE("a WebSocket that nobody holds any more is closed",
          "[net][websocket][integration]") {
  socket_server server;
  websocket_client client{server.port(), "/"};
  server.socket().send("the last");
  CHECK(client.read_text() == "the last");
  auto end = client.read_frame();
  REQUIRE(end);
  CHECK(end->opcode == close_frame);
}

TEST_CASE("what a client says is ignored, but for its farewell",
          "[net][websocket][integration]") {
  socket_server server;
  websocket_client client{server.port(), "/"};
  auto socket = server.socket();
  client.write(text_frame, "hello?");
  client.raw().write(client_frame(text_frame, "in "));
  client.raw().write(client_frame(is_final | continuation, "pieces"));
  client.write(ping_frame, "are you there");
  auto pong = client.read_frame();
  REQUIRE(pong);
  CHECK(pong->opcode == pong_frame);
  CHECK(pong->payload == "are you there");
  socket.send("I am");
  CHECK(client.read_text() == "I am");
  client.leave();
  CHECK(server.is_closed());
}

TEST_CASE("a client that breaks the rules is cut off, and nobody else",
          "[net][websocket][integration]") {
  auto frame
    = GENERATE(client_frame(is_final | text_frame, "not masked", false),
               client_frame(is_final | 0x40 | text_frame, "reserved bit"),
               client_frame(is_final | 3, "reserved opcode"),
               client_frame(is_final | ping_frame, std::string(126, 'x')),
               client_frame(ping_frame, "a ping in pieces"),
               client_frame(is_final | continuation, "of nothing"),
               client_frame(is_final | text_frame, "\xff\xfe"),
               client_frame(is_final | close_frame, "\x03"),
               client_frame(is_final | text_frame, std::string(70 * 1024, 'x')),
               "\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xffmask"s,
               "\x81\xff\xff\xff\xff\xff\xff\xff\xff\xffmask"s);
  // It does not go by itself.
  socket_server server{{.ping_interval = 100ms}};
  websocket_client client{server.port(), "/"};
  auto socket = server.socket();
  client.raw().write(frame);
  CHECK(server.is_closed());
  socket.send("to nobody");
  CHECK(socket.dropped() == 0);
}

TEST_CASE("a client that goes is noticed", "[net][websocket][integration]") {
  socket_server server;
  websocket_client client{server.port(), "/"};
  auto socket = server.socket();
  SECTION("by closing its half") {
    client.raw().end_sending();
    CHECK(server.is_closed());
  }
  SECTION("by resetting the connection") {
    client.raw().reset();
    CHECK(server.is_closed());
  }
}

TEST_CASE("a silent client is pinged, and closed unless it answers",
          "[net][websocket][integration]") {
  socket_server server{{.ping_interval = 50ms}};
  websocket_client client{server.port(), "/"};
  auto socket = server.socket();
  for (int i = 0; i < 3; ++i) {
    auto ping = client.read_frame();
    REQUIRE(ping);
    REQUIRE(ping->opcode == ping_frame);
    client.write(pong_frame, ping->payload);
  }
  // From now on it says nothing.
  CHECK(server.is_closed());
}

TEST_CASE("a client that does not keep up misses the oldest messages",
          "[net][websocket][integration]") {
  socket_server server{{.messages_max = 4}};
  websocket_client client{server.port(), "/"};
  auto socket = server.socket();
  std::string large(1024 * 1024, 'x');
  while (socket.dropped() == 0)
    socket.send(large);
  socket.send("newest");
  socket.close();
  int received = 0;
  auto text = client.read_text();
  for (; text != "newest"; text = client.read_text())
    ++received;
  CHECK(received >= 3);
  CHECK(client.read_close() == 1000);
}

TEST_CASE("who asks for no WebSocket is told to",
          "[net][websocket][integration]") {
  auto request = GENERATE(
    "GET / HTTP/1.1\r\nHost: h\r\n\r\n"s,
    "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n\r\n"s,
    "GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n"s,
    "POST / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\n"
    "Upgrade: websocket\r\nContent-Length: 0\r\n\r\n"s,
    "GET / HTTP/1.0\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"s);
  socket_server server;
  raw_client client{server.port()};
  client.write(request);
  auto response = client.read_response();
  CHECK_THAT(response, StartsWith("HTTP/1.1 426 "));
  CHECK_THAT(response, ContainsSubstring("\r\nUpgrade: websocket\r\n"));
  CHECK(server.is_closed());
}

TEST_CASE("a handshake that makes no sense is refused",
          "[net][websocket][integration]") {
  socket_server server;
  raw_client client{server.port()};
  SECTION("without a key") {
    client.write("GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\n"
                 "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n");
    CHECK_THAT(client.read_to_end(), StartsWith("HTTP/1.1 400 "));
  }
  SECTION("of another version") {
    client.write("GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\n"
                 "Upgrade: websocket\r\nSec-WebSocket-Version: 12\r\n"
                 "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    CHECK_THAT(client.read_to_end(), StartsWith("HTTP/1.1 4"));
  }
  SECTION("with frames before the answer") {
    client.write(websocket_handshake("/")
                 + client_frame(is_final | text_frame, "early"));
    CHECK_THAT(client.read_to_end(), StartsWith("HTTP/1.1 400 "));
  }
  CHECK(server.is_closed());
}

TEST_CASE("a server that stops says farewell to its WebSockets",
          "[net][websocket][integration]") {
  socket_server server;
  websocket_client client{server.port(), "/"};
  auto socket = server.socket();
  auto stopping = std::async(std::launch::async, [&] { server.stop(); });
  auto end = client.read_frame();
  REQUIRE(end);
  CHECK(end->opcode == close_frame);
  CHECK(end->payload == "\x03\xe9"); // 1001
  client.write(close_frame, end->payload);
  client.raw().end_sending();
  stopping.get();
  CHECK(server.is_closed());
}

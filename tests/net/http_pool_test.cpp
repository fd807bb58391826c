// SPDX-License-Identifier: Apache-2.0
#include "http_pool.hpp"

#include "support/fake_server.hpp"
#include "support/http_exchange.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <future>
#include <latch>

using namespace cosmo;
using namespace cosmo::net;
using namespace cosmo::net::test;
using std::chrono::milliseconds;

namespace {

/// Answers the connection's first request with `first`, then does `then`.
fake_server::script answer_then(std::string first, fake_server::script then) {
  return [first = std::move(first), then = std::move(then)](fake_peer& peer) {
    peer.read_request();
    peer.write(first);
    then(peer);
  };
}

/// Takes the second request and gives no answer.
void swallow_request(fake_peer& peer) {
  peer.read_request();
}

const std::string ok = response("200 OK", "ok");

} // namespace

TEST_CASE("a second request reuses the connection",
          "[net][http_pool][integration]") {
  fake_server server{{answer(ok)}};
  auto client = make_client();
  REQUIRE(exchange(*client, {.url = server.url("/1")}));
  REQUIRE(exchange(*client, {.url = server.url("/2")}));
  CHECK(server.connection_count() == 1);
}

TEST_CASE("a connection is not reused when the server says so",
          "[net][http_pool][integration]") {
  auto bytes = GENERATE(response("200 OK", "ok", "Connection: close\r\n"),
                        std::string{"HTTP/1.0 200 OK\r\nContent-Length: 2"
                                    "\r\n\r\nok"});
  fake_server server{{answer(bytes), answer(bytes)}};
  auto client = make_client();
  REQUIRE(exchange(*client, {.url = server.url()}));
  CHECK(server.wait_for_ended(1));
  REQUIRE(exchange(*client, {.url = server.url()}));
  CHECK(server.connection_count() == 2);
}

TEST_CASE("an error status keeps the connection",
          "[net][http_pool][integration]") {
  fake_server server{{answer(response("500 Oops", "x"))}};
  auto client = make_client();
  CHECK(exchange(*client, {.url = server.url()})->status == 500);
  CHECK(exchange(*client, {.url = server.url()})->status == 500);
  CHECK(server.connection_count() == 1);
}

TEST_CASE("bytes behind a response are not taken for the next one",
          "[net][http_pool][integration]") {
  fake_server server{{answer(ok + response("200 OK", "forged")), answer(ok)}};
  auto client = make_client();
  CHECK(exchange(*client, {.url = server.url()})->body == "ok");
  CHECK(exchange(*client, {.url = server.url()})->body == "ok");
  CHECK(server.connection_count() == 2);
}

TEST_CASE("a connection is not reused in the middle of a request",
          "[net][http_pool][integration]") {
  std::latch answered{1};
  fake_server server{{[&](fake_peer& peer) {
                        // More is to be read than the sockets can hold.
                        peer.write(response("413 Too Large", ""));
                        answered.wait();
                        peer.wait_for_close();
                      },
                      answer(ok)}};
  auto client = make_client();
  http_request large{.url = server.url(), .body = std::string(32'000'000, 'x')};
  auto refused = exchange(*client, large);
  answered.count_down();
  REQUIRE(refused);
  CHECK(refused->status == 413);
  CHECK(exchange(*client, {.url = server.url()})->status == 200);
  CHECK(server.connection_count() == 2);
}

TEST_CASE("bytes on an unused connection are not taken for a response",
          "[net][http_pool][integration]") {
  std::latch go{1};
  std::latch written{1};
  fake_server server{{answer_then(ok,
                                  [&](fake_peer& peer) {
                                    go.wait();
                                    peer.write(response("408 Timeout", ""));
                                    written.count_down();
                                    peer.wait_for_close();
                                  }),
                      answer(ok)}};
  auto client = make_client();
  REQUIRE(exchange(*client, {.url = server.url()}));
  go.count_down();
  written.wait();
  CHECK(exchange(*client, {.url = server.url()})->status == 200);
  CHECK(server.connection_count() == 2);
}

TEST_CASE("a connection the server closed while unused is replaced",
          "[net][http_pool][integration]") {
  fake_server server{{answer_then(ok, [](fake_peer&) {}), answer(ok)}};
  auto client = make_client();
  REQUIRE(exchange(*client, {.url = server.url()}));
  REQUIRE(server.wait_for_ended(1));
  CHECK(exchange(*client, {.url = server.url()}));
  CHECK(server.connection_count() == 2);
}

TEST_CASE("a reused connection that breaks before the response is replaced",
          "[net][http_pool][integration]") {
  auto breaks = GENERATE(fake_server::script{swallow_request},
                         fake_server::script{[](fake_peer& peer) {
                           peer.read_request();
                           peer.reset();
                         }});
  std::vector<std::string> requests;
  fake_server server{{answer_then(ok, breaks), answer(ok, &requests)}};
  auto client = make_client();
  REQUIRE(exchange(*client, {.url = server.url("/1")}));
  auto result = exchange(*client, {.url = server.url("/2"), .body = "again"});
  CHECK(result);
  client.reset();
  REQUIRE(server.wait_for_ended(2));
  REQUIRE(requests.size() == 1);
  CHECK(requests[0].starts_with("POST /2 "));
  CHECK(requests[0].ends_with("again"));
}

TEST_CASE("a request is sent again once only",
          "[net][http_pool][integration]") {
  fake_server server{
    {answer_then(ok, swallow_request), swallow_request, answer(ok)}};
  auto client = make_client();
  REQUIRE(exchange(*client, {.url = server.url()}));
  CHECK(failure_of(exchange(*client, {.url = server.url()})).code
        == ec::connection_lost);
  CHECK(server.connection_count() == 2);
}

TEST_CASE("a request is not sent again after a byte of a response",
          "[net][http_pool][integration]") {
  auto bytes = GENERATE("H", "HTTP/1.1 100 Continue\r\n\r\n");
  fake_server server{{answer_then(ok,
                                  [bytes](fake_peer& peer) {
                                    peer.read_request();
                                    peer.write(bytes);
                                  }),
                      answer(ok)}};
  auto client = make_client();
  REQUIRE(exchange(*client, {.url = server.url()}));
  CHECK(failure_of(exchange(*client, {.url = server.url()}))
        == failure{ec::connection_lost, "connection to " + server.authority()
                                          + " lost: closed by the server"});
  CHECK(server.connection_count() == 1);
}

TEST_CASE("a request sent again keeps its deadline",
          "[net][http_pool][integration]") {
  fake_server server{{answer_then(ok, swallow_request),
                      [](fake_peer& peer) { peer.wait_for_close(); }}};
  auto client = make_client();
  REQUIRE(exchange(*client, {.url = server.url()}));
  auto result
    = exchange(*client, {.url = server.url(), .timeout = milliseconds{1000}});
  CHECK(failure_of(result).code == ec::timeout);
  CHECK(server.connection_count() == 2);
  CHECK(server.wait_for_ended(2));
}

TEST_CASE("an unused connection is closed after a while",
          "[net][http_pool][integration]") {
  fake_server server{{answer(ok), answer(ok)}};
  auto client = make_client({.idle_time_max = milliseconds{20}});
  REQUIRE(exchange(*client, {.url = server.url()}));
  CHECK(server.wait_for_ended(1));
  REQUIRE(exchange(*client, {.url = server.url()}));
  CHECK(server.connection_count() == 2);
}

TEST_CASE("no more unused connections are kept than the bound says",
          "[net][http_pool][integration]") {
  // Nobody answers before all three requests have arrived.
  std::latch arrived{3};
  auto together = [&](fake_peer& peer) {
    peer.read_request();
    arrived.arrive_and_wait();
    peer.write(ok);
    peer.wait_for_close();
  };
  fake_server server{{together, together, together}};
  auto bound = GENERATE(0u, 2u);
  auto client = make_client({.idle_connections_max = bound});
  std::vector<std::future<exchange_result>> pending;
  for (int i = 0; i < 3; ++i)
    pending.push_back(start(*client, {.url = server.url()}));
  for (auto& outcome : pending)
    REQUIRE(await(std::move(outcome)));
  CHECK(server.wait_for_ended(3 - bound));
}

TEST_CASE("connections are shared between equal origins only",
          "[net][http_pool][integration]") {
  fake_server one{{answer(ok)}};
  fake_server two{{answer(response("200 OK", "two"))}};
  auto client = make_client();
  CHECK(exchange(*client, {.url = one.url()})->body == "ok");
  CHECK(exchange(*client, {.url = two.url()})->body == "two");
  CHECK(exchange(*client, {.url = one.url()})->body == "ok");
  CHECK(one.connection_count() == 1);
}

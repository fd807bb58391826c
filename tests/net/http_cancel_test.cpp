// SPDX-License-Identifier: Apache-2.0
#include "support/fake_server.hpp"
#include "support/http_exchange.hpp"
#include <cosmo/net/http_client.hpp>

#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <future>
#include <latch>
#include <thread>

using namespace cosmo;
using namespace cosmo::net;
using namespace cosmo::net::test;

namespace {

const std::string ok = response("200 OK", "ok");

failure cancelled(const std::string& url) {
  return {ec::cancelled, "request to " + url + " cancelled"};
}

/// Takes a request, says so, and waits for the client to hang up.
fake_server::script silence_after_request(std::latch& arrived,
                                          std::string bytes = {}) {
  return [&arrived, bytes = std::move(bytes)](fake_peer& peer) {
    peer.read_request();
    peer.write(bytes);
    arrived.count_down();
    peer.wait_for_close();
  };
}

} // namespace

TEST_CASE("a request that is cancelled already is not sent",
          "[net][http_client][integration]") {
  fake_server server{{answer(ok)}};
  std::stop_source stop;
  stop.request_stop();
  auto result
    = exchange(*make_client(), {.url = server.url()}, stop.get_token());
  CHECK(failure_of(result) == cancelled(server.url()));
  CHECK(server.connection_count() == 0);
}

TEST_CASE("cancelling closes the socket of a waiting request",
          "[net][http_client][integration]") {
  std::latch arrived{1};
  fake_server server{{silence_after_request(arrived)}};
  auto client = make_client();
  std::stop_source stop;
  auto pending = start(*client, {.url = server.url()}, stop.get_token());
  arrived.wait();
  stop.request_stop();
  CHECK(failure_of(await(std::move(pending))) == cancelled(server.url()));
  CHECK(server.wait_for_ended(1));
}

TEST_CASE("cancelling wins over an error status that is still arriving",
          "[net][http_client][integration]") {
  std::latch arrived{1};
  fake_server server{{silence_after_request(
    arrived, "HTTP/1.1 500 Oops\r\nContent-Length: 9\r\n\r\nhalf")}};
  auto client = make_client();
  std::stop_source stop;
  auto pending = start(*client, {.url = server.url()}, stop.get_token());
  arrived.wait();
  stop.request_stop();
  CHECK(failure_of(await(std::move(pending))).code == ec::cancelled);
  CHECK(server.wait_for_ended(1));
}

TEST_CASE("cancelling a finished request changes nothing",
          "[net][http_client][integration]") {
  fake_server server{{answer(ok)}};
  auto client = make_client();
  std::stop_source stop;
  REQUIRE(exchange(*client, {.url = server.url()}, stop.get_token()));
  stop.request_stop();
  CHECK(exchange(*client, {.url = server.url()}));
  CHECK(server.connection_count() == 1);
}

TEST_CASE("one stop ends many requests", "[net][http_client][integration]") {
  constexpr int count = 20;
  std::latch arrived{count};
  fake_server server{{count, silence_after_request(arrived)}};
  auto client = make_client();
  std::stop_source stop;
  std::vector<std::future<exchange_result>> pending;
  for (int i = 0; i < count; ++i)
    pending.push_back(start(*client, {.url = server.url()}, stop.get_token()));
  arrived.wait();
  stop.request_stop();
  for (auto& outcome : pending)
    CHECK(failure_of(await(std::move(outcome))).code == ec::cancelled);
  CHECK(server.wait_for_ended(count));
}

TEST_CASE("destroying a client cancels what is under way",
          "[net][http_client][integration]") {
  std::latch arrived{1};
  fake_server server{{silence_after_request(arrived)}};
  auto client = make_client();
  auto pending = start(*client, {.url = server.url()});
  arrived.wait();
  client.reset();
  // The thread has been joined, so that the answer is there.
  REQUIRE(pending.wait_for(std::chrono::seconds{0})
          == std::future_status::ready);
  CHECK(failure_of(pending.get()) == cancelled(server.url()));
  CHECK(server.wait_for_ended(1));
}

TEST_CASE("a client may be destroyed by its own handler",
          "[net][http_client][integration]") {
  fake_server server{{answer(ok)}};
  auto client = make_client();
  std::promise<void> destroyed;
  auto& borrowed = *client;
  borrowed.send({.url = server.url()}, {},
                [owner = std::move(client), &destroyed](auto) mutable {
                  owner.reset();
                  destroyed.set_value();
                });
  CHECK(destroyed.get_future().wait_for(patience) == std::future_status::ready);
  CHECK(server.wait_for_ended(1));
}

TEST_CASE("a handler that throws harms nobody else",
          "[net][http_client][integration]") {
  fake_server server{{answer(ok), answer(ok)}};
  auto client = make_client();
  client->send({.url = server.url()}, {},
               [](auto) { throw std::runtime_error{"mine"}; });
  CHECK(exchange(*client, {.url = server.url()}));
}

TEST_CASE("a handler may send the next request",
          "[net][http_client][integration]") {
  fake_server server{{answer(ok)}};
  auto client = make_client();
  std::promise<exchange_result> second;
  client->send({.url = server.url("/1")}, {}, [&](auto) {
    client->send({.url = server.url("/2")}, {},
                 [&](auto result) { second.set_value(std::move(result)); });
  });
  CHECK(await(second.get_future()));
  CHECK(server.connection_count() == 1);
}

TEST_CASE("all users without a client of their own share one",
          "[net][http_client]") {
  auto client = http_client::shared();
  CHECK(http_client::shared() == client);
  std::weak_ptr<http_client> gone = client;
  client.reset();
  CHECK(gone.expired());
  CHECK(http_client::shared());
}

TEST_CASE("users with equal options share a client, others do not",
          "[net][http_client]") {
  auto usual = http_client::shared();
  auto same = http_client::shared({});
  auto other = http_client::shared({.idle_connections_max = 1});
  REQUIRE(same);
  REQUIRE(other);
  CHECK(*same == usual);
  CHECK(*other != usual);
  CHECK(*http_client::shared({.idle_connections_max = 1}) == *other);
}

TEST_CASE("every request of many threads is answered exactly once",
          "[net][http_client][integration]") {
  constexpr int thread_count = 4;
  constexpr int request_count = 50;
  fake_server server{{thread_count * request_count, answer(ok)}};
  auto client = make_client();
  std::atomic<int> good = 0;
  std::atomic<int> stopped = 0;
  std::latch answered{thread_count * request_count};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < thread_count; ++i)
      threads.emplace_back([&, i] {
        for (int n = 0; n < request_count; ++n) {
          std::stop_source stop;
          client->send({.url = server.url()}, stop.get_token(),
                       [&](exchange_result result) {
                         ++(result ? good : stopped);
                         answered.count_down();
                       });
          // Every other thread regrets its requests at once.
          if (i % 2 == 1)
            stop.request_stop();
        }
      });
  }
  answered.wait();
  CHECK(good + stopped == thread_count * request_count);
  CHECK(good >= thread_count * request_count / 2);
}

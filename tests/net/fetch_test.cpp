// SPDX-License-Identifier: Apache-2.0
#include "support/fake_server.hpp"
#include "support/http_exchange.hpp"
#include <cosmo/coroutine.hpp>
#include <cosmo/dendrite.hpp>
#include <cosmo/net/fetch.hpp>
#include <cosmo/runtime.hpp>

#include <catch2/catch_test_macros.hpp>

#include <latch>

using namespace cosmo;
using namespace cosmo::net;
using namespace cosmo::net::test;

namespace {

struct fetch_fixture {
  dendrite hosting(any_neuron body) {
    auto result = sys.dendrite(bus);
    REQUIRE(result.attach_axon({.neuron_id = "a", .neuron = std::move(body)}));
    REQUIRE_FALSE(result.start());
    return result;
  }

  runtime sys{{.threads = 2}};
  caf::expected<synapse> bus = sys.connect("memory:");
};

} // namespace

TEST_CASE_METHOD(fetch_fixture, "a coroutine fetches over HTTP",
                 "[net][fetch][integration]") {
  fake_server server{{answer(response("200 OK", "hello"))}};
  auto host = hosting([&](json, json, coroutine_io io) -> task<json> {
    auto client = http_client::shared();
    http_request page{.method = "GET", .url = server.url()};
    auto first = co_await io.http(page);
    auto second = co_await fetch(page, client);
    co_return json{{"first", first->body}, {"second", second->status}};
  });
  auto reply = host.dispatch_and_wait({.neuron = "a"});
  REQUIRE(reply);
  CHECK(reply->output() == json{{"first", "hello"}, {"second", 200}});
  CHECK(server.connection_count() == 1);
}

TEST_CASE_METHOD(fetch_fixture, "a failed exchange is an error value",
                 "[net][fetch][integration]") {
  http_request page{.url = "http://127.0.0.1:" + std::to_string(unused_port())};
  auto host = hosting([&](json, json, coroutine_io io) -> task<json> {
    auto response = co_await io.http(page);
    co_return json(response ? "ok" : describe(response.error()));
  });
  auto reply = host.dispatch_and_wait({.neuron = "a"});
  REQUIRE(reply);
  CHECK(
    reply->output()["value"].get<std::string>().starts_with("connect_failed"));
}

TEST_CASE_METHOD(fetch_fixture,
                 "STOP closes the socket of a coroutine that fetches",
                 "[net][fetch][integration]") {
  std::latch arrived{1};
  std::latch destroyed{1};
  fake_server server{{[&](fake_peer& peer) {
    peer.read_request();
    arrived.count_down();
    peer.wait_for_close();
  }}};
  auto host = hosting([&](json, json, coroutine_io io) -> task<json> {
    struct witness {
      explicit witness(std::latch& x) : gone(x) {
        // nop
      }

      ~witness() {
        gone.count_down();
      }

      std::latch& gone;
    } here{destroyed};
    http_request page{.url = server.url()};
    auto response = co_await io.http(page);
    co_return json(static_cast<bool>(response));
  });
  auto p = host.dispatch({.neuron = "a"});
  REQUIRE(p);
  arrived.wait();
  REQUIRE(host.emit_stop(p->trace_id()));
  CHECK(server.wait_for_ended(1));
  destroyed.wait();
}

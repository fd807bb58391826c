// SPDX-License-Identifier: Apache-2.0
#include "support/fake_bus.hpp"
#include "support/http_exchange.hpp"
#include "support/log_capture.hpp"
#include "support/websocket_client.hpp"
#include <cosmo/json.hpp>
#include <cosmo/net/prism_server.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <stdexcept>

using namespace cosmo;
using namespace cosmo::net;
using namespace cosmo::net::test;
using namespace std::literals;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;

namespace {

std::shared_ptr<prism_server> serve(fake_bus& bus, prism_options options = {}) {
  options.port = 0;
  auto result = prism_server::open(std::move(options), bus.feed());
  if (!result)
    throw std::runtime_error{describe(result.error())};
  return std::move(*result);
}

std::string frame(std::string_view id) {
  return R"({"v":"1","id":"evt_)" + std::string{id}
         + R"(","trace_id":"trc_1","parent_id":null,"type":"PLAN",)"
           R"("directed":null,"ts":"2026-09-01T10:00:00Z",)"
           R"("payload":{"steps":["ä"]},"meta":{}})";
}

void publish(fake_bus::observation& to, std::string_view text) {
  to.events.on_frame("cosmonapse.dev.PLAN", text);
}

/// The code of the fault that a browser is told, which then must be the last.
std::string fault_told(websocket_client& browser) {
  auto message = json::parse(browser.read_text());
  auto code = message["payload"]["code"].get<std::string>();
  CHECK(message["meta"]["source"] == "prism");
  CHECK(browser.read_close() == 1000);
  return code;
}

} // namespace

TEST_CASE("Prism serves its page to our own client",
          "[net][prism][integration]") {
  fake_bus bus;
  auto server = serve(bus, {.url = "cosmo://h 1", .name_space = "demo"});
  CHECK(server->url() == "http://127.0.0.1:" + std::to_string(server->port()));
  auto client = make_client();
  auto root = exchange(*client, {.method = "GET", .url = server->url() + "/"});
  REQUIRE(root);
  CHECK(root->status == 302);
  raw_client raw{server->port()};
  raw.write("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK_THAT(raw.read_until("\r\n\r\n"),
             ContainsSubstring(
               "\r\nLocation: /?url=cosmo%3A%2F%2Fh+1&namespace=demo\r\n"));
  raw.write("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
  CHECK_THAT(raw.read_response(), StartsWith("HTTP/1.1 405 "));
}

TEST_CASE("each viewer gets the Signals of its bus, one message each",
          "[net][prism][integration]") {
  fake_bus bus;
  auto server = serve(bus);
  websocket_client first{server->port(), "/ws?url=cosmo%3A%2F%2Fa"};
  auto& dev = bus.await(0);
  CHECK(dev.url == "cosmo://a");
  CHECK(dev.name_space == "dev");
  websocket_client second{server->port(), "/ws?url=b&namespace=other"};
  auto& other = bus.await(1);
  CHECK(other.name_space == "other");
  publish(dev, frame("1"));
  publish(other, frame("2"));
  publish(dev, frame("3"));
  CHECK(first.read_text() == frame("1"));
  CHECK(first.read_text() == frame("3"));
  CHECK(second.read_text() == frame("2"));
  first.write(text_frame, frame("from the browser"));
  first.leave();
  bus.await_end(0);
  CHECK_FALSE(other.has_ended);
}

TEST_CASE("what is no Signal is left out", "[net][prism][integration]") {
  log_capture log;
  fake_bus bus;
  auto server = serve(bus);
  websocket_client browser{server->port(), "/ws?url=a"};
  auto& dev = bus.await(0);
  publish(dev, "{");
  publish(dev, "\xff\xfe");
  publish(dev, R"({"type":"NEVER_HEARD_OF"})");
  publish(dev, frame("good"));
  CHECK(browser.read_text() == frame("good"));
  CHECK(log.events() == std::vector<std::string>(3, "frame-dropped"));
}

TEST_CASE("a viewer is told why it sees nothing", "[net][prism][integration]") {
  fake_bus bus;
  auto server = serve(bus);
  auto told = [&](std::string_view target) {
    websocket_client browser{server->port(), target};
    return fault_told(browser);
  };
  auto failing = [](ec code) {
    return "/ws?url=fail:" + std::to_string(static_cast<int>(code));
  };
  CHECK(told("/ws") == "no_url");
  CHECK(told("/ws?namespace=dev&url=") == "no_url");
  CHECK(told("/ws?url=a&namespace=a.b") == "subscribe_failed");
  CHECK(bus.asked() == 0);
  CHECK(told(failing(ec::bad_argument)) == "bad_url");
  CHECK(told(failing(ec::connect_failed)) == "connect_failed");
  CHECK(told(failing(ec::not_connected)) == "subscribe_failed");
}

TEST_CASE("a viewer is told that its bus is lost",
          "[net][prism][integration]") {
  fake_bus bus;
  auto server = serve(bus);
  websocket_client browser{server->port(), "/ws?url=a"};
  auto lost = bus.await(0).events.on_lost;
  publish(bus.await(0), frame("last"));
  lost(make_error(ec::not_connected, "the server has gone"));
  CHECK(browser.read_text() == frame("last"));
  CHECK(fault_told(browser) == "synapse_lost");
  browser.raw().end_sending();
  bus.await_end(0);
  CHECK(bus.asked() == 1);
}

TEST_CASE("pages of others may not look at buses",
          "[net][prism][integration]") {
  fake_bus bus;
  auto server = serve(bus);
  auto own = "Origin: " + server->url() + "\r\n";
  websocket_client welcome{server->port(), "/ws?url=a", own};
  CHECK(welcome.is_open());
  bus.await(0);
  for (auto fields : {"Origin: http://evil.example\r\n", "Origin: null\r\n",
                      "Origin: http://127.0.0.1:1\r\n"}) {
    websocket_client foreign{server->port(), "/ws?url=a", fields};
    CHECK_THAT(foreign.head(), StartsWith("HTTP/1.1 403 "));
  }
  // As an image of a foreign page would be asked for.
  raw_client image{server->port()};
  image.write("GET /ws?url=a HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK_THAT(image.read_response(), StartsWith("HTTP/1.1 426 "));
  CHECK(bus.asked() == 1);
}

TEST_CASE("there is room for so many viewers", "[net][prism][integration]") {
  fake_bus bus;
  auto server = serve(bus, {.viewers_max = 1});
  websocket_client first{server->port(), "/ws?url=a"};
  bus.await(0);
  websocket_client second{server->port(), "/ws?url=a"};
  CHECK(fault_told(second) == "too_many_viewers");
  first.leave();
  bus.await_end(0);
  second.raw().end_sending();
  CHECK(second.raw().is_closed());
  websocket_client third{server->port(), "/ws?url=a"};
  CHECK(bus.await(1).url == "a");
}

TEST_CASE("a slow browser misses Signals and holds nobody up",
          "[net][prism][integration]") {
  fake_bus bus;
  auto server = serve(bus, {.viewer = {.messages_max = 8}});
  websocket_client slow{server->port(), "/ws?url=a"};
  websocket_client quick{server->port(), "/ws?url=a"};
  auto& to_slow = bus.await(0);
  auto& to_quick = bus.await(1);
  auto large = frame("large");
  large.insert(large.size() - 1, ",\"x\":0");
  large.replace(large.find("ä"), 2, std::string(1024 * 1024, 'x'));
  // More than sockets and queue take.
  for (int i = 0; i < 64; ++i)
    publish(to_slow, large);
  publish(to_slow, frame("newest"));
  publish(to_quick, frame("quick"));
  CHECK(quick.read_text() == frame("quick"));
  int received = 0;
  while (slow.read_text() != frame("newest"))
    ++received;
  CHECK(received >= 7);
  CHECK(received < 64);
}

TEST_CASE("stopping ends every observation", "[net][prism][integration]") {
  fake_bus bus;
  auto server = serve(bus);
  websocket_client first{server->port(), "/ws?url=a"};
  websocket_client second{server->port(), "/ws?url=a"};
  bus.await(1);
  SECTION("stopped") {
    server->stop();
    server->stop();
    CHECK(bus.await(0).has_ended);
    CHECK(bus.await(1).has_ended);
  }
  SECTION("destroyed") {
    server.reset();
    CHECK(bus.await(0).has_ended);
    CHECK(bus.await(1).has_ended);
  }
}

TEST_CASE("options of Prism are checked", "[net][prism]") {
  CHECK_FALSE(check(prism_options{}));
  CHECK(failure_of(check(prism_options{.name_space = "a.b"})).code
        == ec::bad_config);
  CHECK(failure_of(check(prism_options{.viewers_max = 0}))
        == failure{ec::bad_config, "prism_server: viewers_max must be > 0"});
  fake_bus bus;
  auto server = serve(bus);
  auto second = prism_server::open({.port = server->port()}, bus.feed());
  CHECK(failure_of(second).code == ec::bind_failed);
}

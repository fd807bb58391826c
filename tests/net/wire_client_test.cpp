// SPDX-License-Identifier: Apache-2.0
#include "support/collected.hpp"
#include "support/line_peers.hpp"
#include "support/log_capture.hpp"
#include <cosmo/json.hpp>
#include <cosmo/net/wire_client.hpp>
#include <cosmo/net/wire_server.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>

#include <future>
#include <string>

using namespace cosmo;
using namespace cosmo::net;
using namespace cosmo::net::test;
using namespace std::chrono_literals;

namespace {

using client_ptr = std::shared_ptr<wire_client>;

client_ptr client_of(const std::string& url, wire_client_options options = {},
                     wire_client_events events = {}) {
  auto result = wire_client::connect(url, options, std::move(events));
  REQUIRE(result);
  return std::move(*result);
}

std::shared_ptr<wire_server> server_at(uint16_t port = 0) {
  auto result = wire_server::open({.port = port});
  REQUIRE(result);
  return std::move(*result);
}

/// Connects to a server that only greets, as upstream's do.
client_ptr client_of(scripted_server& server, wire_client_options options = {},
                     wire_client_events events = {}) {
  auto client = std::async(std::launch::async, [&] {
    return wire_client::connect(server.url(), options, std::move(events));
  });
  server.accept();
  CHECK(json::parse(server.hear())["op"] == "hello");
  server.say(R"({"op": "welcome"})");
  CHECK(server.hear() == R"({"op":"ping"})");
  server.say(R"({"op": "pong"})");
  auto result = client.get();
  REQUIRE(result);
  return std::move(*result);
}

wire_client::message_handler into(collected<std::string>& to) {
  return [&to](std::string_view, std::string_view frame) {
    to.add(std::string{frame});
  };
}

} // namespace

TEST_CASE("The URL of a bus is taken apart", "[wire]") {
  struct row {
    const char* text;
    const char* host;
    std::optional<uint16_t> port;
    const char* path;
  };
  const row rows[] = {
    {"cosmo://", "", {}, ""},
    {"COSMO://H:1", "h", 1, ""},
    {"cosmo://[::1]:7070", "::1", 7070, ""},
    {"cosmo://u:p@h:5/dev?x=1#f", "h", 5, "dev"},
    {"cosmo://h:", "h", {}, ""},
    {"cosmo://h:0", "h", 0, ""},
    {"kafka://a//x/y", "a", {}, "x/y"},
  };
  for (auto& [text, host, port, path] : rows) {
    INFO(text);
    auto url = parse_bus_url(text);
    REQUIRE(url);
    CHECK(url->host == host);
    CHECK(url->port == port);
    CHECK(url->path == path);
  }
  auto bad = GENERATE("localhost:7070", "127.0.0.1:7070", "", "cosmo://h:99999",
                      "cosmo://h:x", "cosmo://h:-1", "cosmo://[::1",
                      "cosmo://a b", "cosmo://[::1]x");
  INFO(bad);
  auto url = parse_bus_url(bad);
  REQUIRE(!url);
  CHECK(url.error() == ec::bad_argument);
  CHECK(message_of(url.error()).find(bad) != std::string::npos);
}

TEST_CASE("What one client publishes another one hears, in order", "[wire]") {
  auto server = server_at();
  auto subscriber = client_of(server->url());
  collected<std::string> heard;
  REQUIRE(subscriber->subscribe("a.>", std::nullopt, into(heard)));
  auto publisher = client_of(server->url());
  for (auto i = 0; i < 1'000; ++i)
    REQUIRE(!publisher->publish("a.b", "grüß\n\"" + std::to_string(i)));
  REQUIRE(!publisher->flush());
  for (auto i = 0; i < 1'000; ++i)
    REQUIRE(heard.next() == "grüß\n\"" + std::to_string(i));
}

TEST_CASE("A handler may publish, subscribe and unsubscribe", "[wire]") {
  auto server = server_at();
  auto client = client_of(server->url());
  collected<std::string> heard;
  collected<wire_client::subscription_id> id;
  id.add(*client->subscribe(
    "first", std::nullopt, [&](std::string_view, std::string_view) {
      client->unsubscribe(id.next());
      client->subscribe("second", std::nullopt, into(heard),
                        [](const caf::error&) {});
      (void)client->publish("second", "x");
    }));
  REQUIRE(!client->publish("first", ""));
  CHECK(heard.next() == "x");
}

TEST_CASE("Lines for an upstream server are short enough for it", "[wire]") {
  scripted_server server;
  auto client = client_of(server);
  auto frame_of = [](size_t line_bytes) {
    return std::string(
      line_bytes
        - std::string_view{R"({"op":"pub","subject":"a","frame":""})"}.size(),
      'x');
  };
  CHECK(!client->publish("a", frame_of(65'536)));
  CHECK(server.hear().size() == 65'536);
  auto refused = client->publish("a", frame_of(65'537));
  CHECK(refused == ec::too_large);
  CHECK(message_of(refused).find("65537") != std::string::npos);
  CHECK(!client->publish("a", "y"));
  CHECK(json::parse(server.hear())["frame"] == "y");
}

TEST_CASE("A server of ours says how long lines may be, and a caller may know "
          "better",
          "[wire]") {
  auto server = server_at();
  auto client = client_of(server->url());
  CHECK(!client->publish("a", std::string(1'000'000, 'x')));
  CHECK(client->publish("a", std::string(17'000'000, 'x')) == ec::too_large);
  auto modest = client_of(server->url(), {.publish_bytes_max = 100});
  CHECK(modest->publish("a", std::string(100, 'x')) == ec::too_large);
}

TEST_CASE("What cannot be published is refused by name", "[wire]") {
  auto server = server_at();
  auto client = client_of(server->url());
  CHECK(client->publish("", "x") == ec::bad_argument);
  CHECK(client->publish("a", "\xff") == ec::bad_argument);
  CHECK(client->publish("\xc3", "x") == ec::bad_argument);
  CHECK(!client->flush());
}

TEST_CASE("A subscription is complete when the server says so, even one that "
          "knows no ping",
          "[wire]") {
  log_capture quiet;
  scripted_server server;
  auto client = client_of(server);
  auto answer = GENERATE(R"({"op": "pong"})",
                         R"({"op": "err", "message": "unknown op 'ping'"})");
  collected<std::string> heard;
  auto subscribed = std::async(std::launch::async, [&] {
    return client->subscribe("a", "caps:x", into(heard));
  });
  auto line = json::parse(server.hear());
  CHECK(line["op"] == "sub");
  CHECK(line["queue_group"] == "caps:x");
  auto sub_id = line["sub_id"].get<std::string>();
  CHECK(sub_id.size() == 32);
  CHECK(sub_id.find_first_not_of("0123456789abcdef") == std::string::npos);
  CHECK(server.hear() == R"({"op":"ping"})");
  CHECK(subscribed.wait_for(0s) != std::future_status::ready);
  // A message may come before, and complaints are no answers.
  server.say(R"({"op": "msg", "sub_id": ")" + sub_id
             + R"(", "subject": "a", "frame": "früh"})");
  server.say(R"({"op": "err", "message": "pub: missing subject/frame"})");
  server.say(
    R"({"op": "msg", "sub_id": "other", "subject": "a", "frame": ""})");
  server.say(R"({"op": "surprise"})");
  server.say("no JSON");
  server.say(answer);
  CHECK(subscribed.get());
  CHECK(heard.next() == "früh");
}

TEST_CASE("A subscription that the server refuses fails with its words",
          "[wire]") {
  log_capture quiet;
  auto server = server_at();
  auto client = client_of(server->url());
  auto refused
    = client->subscribe("a", std::string(5'000, 'g'), [](auto, auto) {});
  REQUIRE(!refused);
  CHECK(refused.error() == ec::wire_refused);
  CHECK(message_of(refused.error()) == "sub: name too long");
  CHECK(client->subscribe("a", "g", [](auto, auto) {}));
}

TEST_CASE("Nobody waits for ever for a server that says nothing", "[wire]") {
  log_capture quiet;
  scripted_server server;
  auto client = client_of(server, {.answer_timeout = 20ms});
  auto flushed = client->flush();
  CHECK(flushed == ec::timeout);
  CHECK(message_of(flushed).find(server.url()) != std::string::npos);
  auto subscribed = client->subscribe("a", {}, [](auto, auto) {});
  REQUIRE(!subscribed);
  CHECK(subscribed.error() == ec::timeout);
  CHECK(client->manage({{"op", "mgmt_list"}}).error() == ec::timeout);
}

TEST_CASE("What is subscribed and given up while a client comes back is known "
          "to the server",
          "[wire]") {
  log_capture quiet;
  scripted_server server;
  collected<int> back;
  auto client = client_of(
    server, {.reconnect = true, .reconnect_pause = constant_backoff(1ms)},
    {.on_back = [&] { back.add(1); }});
  auto first = client->subscribe(
    "first", {}, [](auto, auto) {}, [](const caf::error&) {});
  auto sub = json::parse(server.hear());
  CHECK(server.hear() == R"({"op":"ping"})");
  server.cut();
  server.accept();
  CHECK(json::parse(server.hear())["op"] == "hello");
  CHECK(json::parse(server.hear()) == sub);
  CHECK(server.hear() == R"({"op":"ping"})");
  // Its list is on the way, and not answered yet.
  client->subscribe("second", {}, [](auto, auto) {}, [](const caf::error&) {});
  client->unsubscribe(first);
  CHECK(json::parse(server.hear())["subject"] == "second");
  CHECK(server.hear() == R"({"op":"ping"})");
  auto unsub = json::parse(server.hear());
  CHECK(unsub["op"] == "unsub");
  CHECK(unsub["sub_id"] == sub["sub_id"]);
  server.say(R"({"op": "pong"})");
  CHECK(back.next() == 1);
}

TEST_CASE("Nobody there, nobody who greets, and no cosmo:// are errors that "
          "name the address",
          "[wire]") {
  log_capture quiet;
  {
    uint16_t port = 0;
    {
      scripted_server gone;
      port = gone.port();
    }
    auto url = "cosmo://127.0.0.1:" + std::to_string(port);
    auto client = wire_client::connect(url);
    REQUIRE(!client);
    CHECK(client.error() == ec::connect_failed);
    CHECK(message_of(client.error()).find(url) != std::string::npos);
  }
  {
    scripted_server silent;
    auto client = std::async(std::launch::async, [&] {
      return wire_client::connect(silent.url(), {.connect_timeout = 50ms});
    });
    silent.accept("");
    auto result = client.get();
    REQUIRE(!result);
    CHECK(result.error() == ec::timeout);
    CHECK(message_of(result.error()).find(silent.url()) != std::string::npos);
  }
  auto other = wire_client::connect("nats://127.0.0.1:4222");
  REQUIRE(!other);
  CHECK(other.error() == ec::bad_argument);
  auto bad = wire_client::connect("cosmo://", {.unsent_bytes_max = 0});
  REQUIRE(!bad);
  CHECK(bad.error() == ec::bad_config);
}

TEST_CASE("A lost connection fails what waits for it, at once", "[wire]") {
  log_capture quiet;
  scripted_server server;
  collected<caf::error> lost;
  auto client
    = client_of(server, {}, {.on_lost = [&](auto& why) { lost.add(why); }});
  auto flushed
    = std::async(std::launch::async, [&] { return client->flush(); });
  CHECK(server.hear() == R"({"op":"ping"})");
  server.cut();
  CHECK(flushed.get() == ec::not_connected);
  CHECK(lost.next() == ec::not_connected);
  CHECK(!client->connected());
  CHECK(client->publish("a", "x") == ec::not_connected);
  CHECK(message_of(client->flush()).find("not connected") != std::string::npos);
  CHECK(client->manage({{"op", "mgmt_list"}}).error() == ec::not_connected);
  auto subscribed = client->subscribe("a", std::nullopt, [](auto, auto) {});
  REQUIRE(!subscribed);
  CHECK(subscribed.error() == ec::not_connected);
  client->unsubscribe(1);
  client->close();
  client->close();
}

TEST_CASE("A client that reconnects subscribes under the same ids", "[wire]") {
  log_capture quiet;
  scripted_server server;
  collected<int> back;
  collected<std::string> heard;
  auto client = client_of(
    server, {.reconnect = true, .reconnect_pause = constant_backoff(1ms)},
    {.on_back = [&] { back.add(1); }});
  client->subscribe("a", "g", into(heard), [](const caf::error&) {});
  auto sub = server.hear();
  CHECK(server.hear() == R"({"op":"ping"})");
  server.say(R"({"op": "pong"})");
  server.cut();
  server.accept();
  CHECK(json::parse(server.hear())["op"] == "hello");
  CHECK(json::parse(server.hear()) == json::parse(sub));
  CHECK(server.hear() == R"({"op":"ping"})");
  // It is not back before its subscriptions are in effect.
  CHECK(!client->connected());
  server.say(R"({"op": "pong"})");
  CHECK(back.next() == 1);
  CHECK(client->connected());
  CHECK(!client->publish("b", "x"));
  CHECK(json::parse(server.hear())["frame"] == "x");
}

TEST_CASE("A server that comes back under load finds its clients again",
          "[wire]") {
  log_capture quiet;
  auto server = server_at();
  auto port = server->port();
  collected<int> back;
  collected<std::string> heard;
  wire_client_options options{.reconnect = true,
                              .reconnect_pause = constant_backoff(1ms)};
  auto subscriber
    = client_of(server->url(), options, {.on_back = [&] { back.add(1); }});
  auto publisher
    = client_of(server->url(), options, {.on_back = [&] { back.add(2); }});
  REQUIRE(subscriber->subscribe("a", std::nullopt, into(heard)));
  for (auto i = 0; i < 10'000; ++i)
    REQUIRE(!publisher->publish("a", std::to_string(i)));
  server->stop();
  server = server_at(port);
  CHECK(back.next() + back.next() == 3);
  // What came before the end came in order.
  auto expected = 0;
  while (!heard.empty())
    REQUIRE(heard.next() == std::to_string(expected++));
  REQUIRE(!publisher->publish("a", "again"));
  CHECK(heard.next() == "again");
}

TEST_CASE("What was published is written before a client closes", "[wire]") {
  scripted_server server;
  auto client = client_of(server);
  std::string frame(60'000, 'x');
  for (auto i = 0; i < 50; ++i)
    REQUIRE(!client->publish("a", frame));
  auto closed = std::async(std::launch::async, [&] { client->close(); });
  for (auto i = 0; i < 50; ++i)
    REQUIRE(server.hear().size() > frame.size());
  CHECK(server.hear().empty());
  closed.get();
}

TEST_CASE("A server that does not read keeps no client from closing",
          "[wire]") {
  scripted_server server;
  auto client = client_of(server);
  std::string frame(60'000, 'x');
  for (auto i = 0; i < 200; ++i)
    REQUIRE(!client->publish("a", frame));
  client->close();
  CHECK(client->publish("a", "x") == ec::not_connected);
}

TEST_CASE("Management is asked and answered, and refused by name", "[wire]") {
  log_capture quiet;
  auto server = server_at();
  collected<std::string> stopping;
  auto owner
    = client_of(server->url(), {}, {.on_name_space_stopping = [&](auto name) {
                  stopping.add(std::string{name});
                }});
  auto registered
    = owner->manage({{"op", "ns_register"}, {"namespace", "lab"}});
  REQUIRE(registered);
  CHECK((*registered)["op"] == "ns_registered");
  auto manager = client_of(server->url());
  auto list = manager->manage({{"op", "mgmt_list"}});
  REQUIRE(list);
  CHECK((*list)["namespaces"].size() == 1);
  CHECK(manager->manage({{"op", "mgmt_stop"}, {"namespace", "lab"}}));
  CHECK(stopping.next() == "lab");
  auto none = manager->manage({{"op", "mgmt_info"}, {"namespace", "lab"}});
  REQUIRE(!none);
  CHECK(none.error() == ec::not_found);
  CHECK(message_of(none.error()) == "namespace 'lab' not found");
  auto refused = manager->manage({{"op", "noop"}});
  REQUIRE(!refused);
  CHECK(refused.error() == ec::wire_refused);
}

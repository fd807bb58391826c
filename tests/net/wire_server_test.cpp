// SPDX-License-Identifier: Apache-2.0
#include "support/collected.hpp"
#include "support/line_peers.hpp"
#include "support/log_capture.hpp"
#include <cosmo/json.hpp>
#include <cosmo/net/wire_server.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <deque>
#include <string>

namespace asio = boost::asio;

using namespace cosmo;
using namespace cosmo::net;
using namespace cosmo::net::test;

namespace {

std::shared_ptr<wire_server> server_of(wire_server_options options = {}) {
  options.port = 0;
  auto result = wire_server::open(options);
  REQUIRE(result);
  return std::move(*result);
}

std::string sub(std::string_view sub_id, std::string_view pattern) {
  return R"({"op":"sub","sub_id":")" + std::string{sub_id} + R"(","subject":")"
         + std::string{pattern} + R"("})";
}

std::string pub(std::string_view subject, std::string_view frame) {
  return R"({"op":"pub","subject":")" + std::string{subject} + R"(","frame":")"
         + std::string{frame} + R"("})";
}

/// One that has been greeted.
struct guest : line_client {
  explicit guest(const wire_server& server) : line_client(server.port()) {
    REQUIRE(json::parse(hear())["op"] == "welcome");
  }
};

} // namespace

TEST_CASE("Options that make no sense are refused by name", "[wire]") {
  auto refused = [](wire_server_options options) {
    auto result = wire_server::open(std::move(options));
    REQUIRE(!result);
    CHECK(result.error() == ec::bad_config);
    return message_of(result.error());
  };
  CHECK(refused({.address = "localhost"}).find("address") != std::string::npos);
  CHECK(refused({.line_bytes_max = 1}).find("line_bytes_max")
        != std::string::npos);
  CHECK(refused({.unsent_bytes_max = 1}).find("unsent_bytes_max")
        != std::string::npos);
}

TEST_CASE("A port that is taken is named", "[wire]") {
  auto first = server_of();
  auto second = wire_server::open({.port = first->port()});
  REQUIRE(!second);
  CHECK(second.error() == ec::bind_failed);
  CHECK(message_of(second.error()).find(std::to_string(first->port()))
        != std::string::npos);
}

TEST_CASE("A server greets first, and answers each question with the next line",
          "[wire]") {
  auto server = server_of();
  CHECK(server->url() == "cosmo://127.0.0.1:" + std::to_string(server->port()));
  guest owner{*server};
  guest manager{*server};
  CHECK(server->connections() == 2);
  owner.say(R"({"op":"ns_register","namespace":"lab","transport":"memory"})");
  CHECK(owner.hear() == R"({"op":"ns_registered","namespace":"lab"})");
  manager.say(R"({"op":"mgmt_info","namespace":"lab"})");
  CHECK(json::parse(manager.hear())["client_count"] == 2);
  manager.say(R"({"op":"mgmt_stop","namespace":"lab"})");
  CHECK(owner.hear() == R"({"op":"ns_stopping","namespace":"lab"})");
  CHECK(manager.hear() == R"({"op":"mgmt_stop_ack","namespace":"lab"})");
  CHECK(manager.settle());
}

TEST_CASE("Lines arrive whole in whatever pieces they are sent", "[wire]") {
  auto server = server_of();
  guest a{*server};
  a.say(sub("1", "a"));
  REQUIRE(a.settle());
  guest publisher{*server};
  auto text
    = pub("a", "1") + "\n" + pub("a", "2") + "\r\n\n \n" + pub("a", "3") + "\n";
  for (auto c : text)
    publisher.socket.write(std::string_view{&c, 1});
  publisher.socket.write(text);
  std::string heard;
  for (auto i = 0; i < 6; ++i)
    heard += json::parse(a.hear())["frame"].get<std::string>();
  CHECK(heard == "123123");
}

TEST_CASE("A line that was not ended is dropped with its client", "[wire]") {
  auto server = server_of();
  guest a{*server};
  a.say(sub("1", "a"));
  REQUIRE(a.settle());
  {
    guest killed{*server};
    killed.say(pub("a", "whole"));
    killed.socket.write(pub("a", "half"));
    killed.socket.end_sending();
    CHECK(killed.socket.read_to_end().empty());
  }
  {
    guest reset{*server};
    reset.socket.write(R"({"op":"pub","subject":"a","fra)");
    reset.socket.reset();
  }
  CHECK(json::parse(a.hear())["frame"] == "whole");
  CHECK(a.settle());
}

TEST_CASE("Bytes that are no lines harm nobody", "[wire]") {
  log_capture quiet;
  auto server = server_of();
  guest good{*server};
  good.say(sub("1", "a"));
  REQUIRE(good.settle());
  guest noisy{*server};
  std::string noise;
  seeded_random random{7};
  for (auto i = 0; i < 100'000; ++i)
    noise += static_cast<char>(random.next());
  noisy.socket.write(noise + "\n");
  while (noisy.settle() == false)
    ; // every line of noise was refused
  guest publisher{*server};
  publisher.say(pub("a", "x"));
  CHECK(json::parse(good.hear())["frame"] == "x");
}

TEST_CASE("Who sends too long a line is told, and disconnected alone",
          "[wire]") {
  log_capture quiet;
  auto server = server_of({.line_bytes_max = 100'000});
  guest good{*server};
  guest fitting{*server};
  fitting.say(std::string(100'000, ' '));
  CHECK(fitting.settle());
  guest bad{*server};
  // The rest is still under way when it is told.
  bad.socket.write(std::string(1'000'000, 'x'));
  CHECK(bad.hear() == R"({"op":"err","message":"line too long"})");
  CHECK(bad.hear().empty());
  CHECK(good.settle());
}

TEST_CASE("A client that does not read is disconnected; nobody waits for it",
          "[wire]") {
  log_capture log;
  auto server = server_of({.unsent_bytes_max = 1'000'000});
  guest slow{*server};
  guest quick{*server};
  guest publisher{*server};
  for (auto who : {&slow, &quick}) {
    who->say(sub("1", "a"));
    REQUIRE(who->settle());
  }
  // More than the kernel keeps for both sides.
  std::string frame(60'000, 'x');
  for (auto i = 0; i < 400; ++i) {
    publisher.say(pub("a", frame));
    auto heard = quick.hear();
    REQUIRE(heard.size() > frame.size());
  }
  CHECK(publisher.settle());
  CHECK(server->connections() == 2);
  CHECK(std::ranges::count(log.events(), "slow_consumer") == 1);
}

TEST_CASE("Who asks and does not read is disconnected before others wait",
          "[wire]") {
  log_capture quiet;
  auto server = server_of({.unsent_bytes_max = 1'000'000});
  guest owner{*server};
  for (auto i = 0; i < 64; ++i)
    owner.say(R"({"op":"ns_register","namespace":")" + std::to_string(i)
              + std::string(200, 'x') + R"("})");
  REQUIRE(!owner.settle());
  guest greedy{*server};
  std::string text;
  for (auto i = 0; i < 20'000; ++i)
    text += "{\"op\":\"mgmt_list\"}\n";
  greedy.socket.write(text);
  guest good{*server};
  CHECK(good.settle());
  CHECK(server->stats().slow_consumers == 1);
}

TEST_CASE("Clients that say nothing cost nobody anything", "[wire]") {
  auto server = server_of();
  // Both ends of them are within the 1,024 files of a usual shell.
  asio::io_context context;
  std::deque<asio::ip::tcp::socket> silent;
  for (auto i = 0; i < 400; ++i)
    silent.emplace_back(context).connect(
      {asio::ip::address_v4::loopback(), server->port()});
  guest good{*server};
  CHECK(good.settle());
  CHECK(server->connections() == 401);
}

TEST_CASE("Subscriptions by the hundred thousand are kept, and forgotten",
          "[wire]") {
  auto server = server_of();
  guest good{*server};
  {
    guest greedy{*server};
    std::string text;
    for (auto i = 0; i < 100'000; ++i)
      text += sub(std::to_string(i), "a.b") + "\n";
    REQUIRE(greedy.socket.write(text));
    REQUIRE(greedy.settle());
    REQUIRE(good.settle());
  }
  good.say(sub("1", "a.b"));
  good.say(pub("a.b", "x"));
  CHECK(json::parse(good.hear())["frame"] == "x");
}

TEST_CASE("A server that stops disconnects everybody without a word",
          "[wire]") {
  auto server = server_of();
  guest a{*server};
  auto port = server->port();
  server->stop();
  server->stop();
  CHECK(a.hear().empty());
  CHECK_THROWS(raw_client{port});
}

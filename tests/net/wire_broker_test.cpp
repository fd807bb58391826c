// SPDX-License-Identifier: Apache-2.0
#include "wire_broker.hpp"

#include <cosmo/json.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>

#include <string>
#include <vector>

using namespace cosmo;
using namespace cosmo::net;
using namespace std::chrono_literals;

namespace {

using lines = std::vector<std::string>;

const auto start
  = timestamp{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}} + 8h
    + 104'233us;

/// A client without a socket: keeps what the broker says.
struct peer final : wire_peer {
  explicit peer(wire_broker& to) : broker(to), self(&to.attach(*this)) {
    // nop
  }

  ~peer() override {
    leave();
  }

  void send(std::string_view text) override {
    while (!text.empty()) {
      auto end = text.find('\n');
      REQUIRE(end != text.npos);
      heard.emplace_back(text.substr(0, end));
      text.remove_prefix(end + 1);
    }
  }

  void leave() {
    if (self)
      broker.detach(*std::exchange(self, nullptr));
  }

  /// Says a line, and forgets what it has heard before.
  peer& says(std::string_view line) {
    heard.clear();
    broker.take(*self, line);
    return *this;
  }

  bool is_open() const override {
    return open;
  }

  wire_broker& broker;
  lines heard;
  bool open = true;
  /// Last, for it is greeted at once.
  wire_broker::client* self;
};

struct bus {
  wire_server_options options = {};
  std::shared_ptr<manual_clock> clock = std::make_shared<manual_clock>(start);
  std::vector<std::pair<std::string, std::string>> seen = {};
  wire_counters counters = {};
  wire_broker broker{options, clock, counters,
                     [this](std::string_view subject, std::string_view frame) {
                       seen.emplace_back(subject, frame);
                     }};
};

std::string msg(std::string_view sub_id, std::string_view subject,
                std::string_view frame_raw) {
  return R"({"op":"msg","sub_id":")" + std::string{sub_id} + R"(","subject":")"
         + std::string{subject} + R"(","frame":")" + std::string{frame_raw}
         + R"("})";
}

std::string err(std::string_view text) {
  return json{{"op", "err"}, {"message", text}}.dump();
}

} // namespace

TEST_CASE("The first line that a client sees is a greeting", "[wire]") {
  bus b;
  peer a{b.broker};
  REQUIRE(a.heard.size() == 1);
  auto banner = json::parse(a.heard[0]);
  CHECK(banner["op"] == "welcome");
  CHECK(banner["max_line"] == 16 * 1024 * 1024);
  CHECK(banner["server"].get<std::string>().starts_with("cosmonapse-cpp/"));
  CHECK(a.says(R"({"op":"hello"})").heard.size() == 1);
}

TEST_CASE("A published frame reaches subscribers as it was written, and its "
          "publisher if it has subscribed",
          "[wire]") {
  bus b;
  peer a{b.broker};
  peer p{b.broker};
  // A subscription has no answer; that to ping tells that it is in effect.
  CHECK(a.says(R"({"op":"sub","sub_id":"k1","subject":"cosmonapse.lab.>",)"
               R"("queue_group":null})")
          .heard.empty());
  CHECK(a.says(R"({"op":"ping"})").heard == lines{R"({"op":"pong"})"});
  a.heard.clear();
  p.says(R"({"op":"sub","sub_id":"k2","subject":"cosmonapse.lab.X"})");
  p.says(
    R"({"op":"pub","subject":"cosmonapse.lab.X","frame":"{\"v\":\"1\"}"})");
  CHECK(a.heard == lines{msg("k1", "cosmonapse.lab.X", R"({\"v\":\"1\"})")});
  CHECK(p.heard == lines{msg("k2", "cosmonapse.lab.X", R"({\"v\":\"1\"})")});
  CHECK(b.seen
        == std::vector<std::pair<std::string, std::string>>{
          {"cosmonapse.lab.X", R"({"v":"1"})"}});
}

TEST_CASE("A line is read in any form that JSON has", "[wire]") {
  bus b;
  peer a{b.broker};
  a.says(R"({"op":"sub","sub_id":"1","subject":"a"})");
  auto line = GENERATE(
    R"({"op": "pub", "subject": "a", "frame": "x\/y"})",
    R"(  {"frame":"x\/y","subject":"a","op":"pub"}  )",
    R"({"op":"pub","subject":"a","frame":"x/y","more":[1,{"op":"ping"}]})",
    R"({"op":"ping","op":"pub","subject":"b","subject":"a","frame":"x/y"})",
    R"({"op":"\u0070ub","subject":"\u0061","frame":"x\u002fy"})",
    "{\"op\":\"pub\",\t\"subject\":\"a\",\"frame\":\"x/y\"}\r");
  a.says(line);
  REQUIRE(a.heard.size() == 1);
  CHECK(json::parse(a.heard[0])["frame"] == "x/y");
}

TEST_CASE("A bad line is refused by name, and the client stays", "[wire]") {
  struct row {
    const char* line;
    const char* message;
  };
  const row rows[] = {
    {R"([1])", "bad JSON: expected an object"},
    {R"("pub")", "bad JSON: expected an object"},
    {R"({"op":"noop"})", "unknown op 'noop'"},
    {R"({"op":5})", "unknown op 5"},
    {R"({})", "unknown op None"},
    {R"({"op":"msg","sub_id":"1","subject":"a","frame":"x"})",
     "unknown op 'msg'"},
    {R"({"op":"pub","frame":"x"})", "pub: missing subject/frame"},
    {R"({"op":"pub","subject":"","frame":"x"})", "pub: missing subject/frame"},
    {R"({"op":"pub","subject":"a"})", "pub: missing subject/frame"},
    {R"({"op":"pub","subject":"a","frame":null})",
     "pub: missing subject/frame"},
    {R"({"op":"pub","subject":"a","frame":{"v":"1"}})",
     "pub: missing subject/frame"},
    {R"({"op":"pub","subject":7,"frame":"x"})", "pub: missing subject/frame"},
    {R"({"op":"sub","subject":"a"})", "sub: missing sub_id/subject"},
    {R"({"op":"sub","sub_id":"","subject":"a"})",
     "sub: missing sub_id/subject"},
    {R"({"op":"sub","sub_id":"1"})", "sub: missing sub_id/subject"},
    {R"({"op":"sub","sub_id":"1","subject":"a","queue_group":1})",
     "sub: missing sub_id/subject"},
    {R"({"op":"ns_register"})", "ns_register: missing namespace"},
    {R"({"op":"ns_register","namespace":""})",
     "ns_register: missing namespace"},
    {R"({"op":"mgmt_info","namespace":"x"})", "namespace 'x' not found"},
    {R"({"op":"mgmt_stop"})", "namespace None not found"},
  };
  bus b;
  peer a{b.broker};
  for (auto& [line, message] : rows) {
    INFO(line);
    CHECK(a.says(line).heard == lines{err(message)});
  }
  auto text
    = GENERATE("nonsense", "{\"op\":\"ping\"", "\xff\xfe", "{\"op\":'a'}");
  REQUIRE(a.says(text).heard.size() == 1);
  CHECK(json::parse(a.heard[0])["message"].get<std::string>().starts_with(
    "bad JSON: "));
  CHECK(a.says(R"({"op":"ping"})").heard.size() == 1);
}

TEST_CASE("Blank lines are ignored", "[wire]") {
  bus b;
  peer a{b.broker};
  CHECK(a.says("").heard.empty());
  CHECK(a.says(" \t\r").heard.empty());
}

TEST_CASE("What has no end is refused", "[wire]") {
  wire_server_options options;
  options.name_bytes_max = 8;
  options.pattern_tokens_max = 3;
  options.name_space_bytes_max = 4;
  options.subscriptions_max = 2;
  options.name_spaces_max = 1;
  bus b{options};
  peer a{b.broker};
  CHECK(a.says(R"({"op":"pub","subject":"123456789","frame":""})").heard
        == lines{err("pub: subject too long")});
  CHECK(a.says(R"({"op":"sub","sub_id":"123456789","subject":"a"})").heard
        == lines{err("sub: name too long")});
  CHECK(a.says(R"({"op":"sub","sub_id":"1","subject":"123456789"})").heard
        == lines{err("sub: name too long")});
  a.says(R"({"op":"sub","sub_id":"1","subject":"a"})");
  a.says(R"({"op":"sub","sub_id":"2","subject":"a"})");
  CHECK(a.says(R"({"op":"sub","sub_id":"3","subject":"a"})").heard
        == lines{err("sub: too many subscriptions")});
  CHECK(a.says(R"({"op":"sub","sub_id":"2","subject":"b"})").heard.empty());
  CHECK(a.says(R"({"op":"sub","sub_id":"3","subject":"a.b.c.d"})").heard
        == lines{err("sub: too many tokens")});
  CHECK(a.says(R"({"op":"ns_register","namespace":"12345"})").heard
        == lines{err("ns_register: name too long")});
  a.says(R"({"op":"ns_register","namespace":"1"})");
  CHECK(a.says(R"({"op":"ns_register","namespace":"2"})").heard
        == lines{err("ns_register: too many namespaces")});
}

TEST_CASE("A line that a client cannot take is withheld, and its publisher "
          "hears of it once a second",
          "[wire]") {
  bus b;
  peer small{b.broker};
  peer large{b.broker};
  peer publisher{b.broker};
  large.says(R"({"op":"hello","client":"x","max_line":1000000})");
  for (auto who : {&small, &large})
    who->says(R"({"op":"sub","sub_id":"1","subject":"a"})");
  auto frame_of = [](size_t line_bytes) {
    return std::string(line_bytes - msg("1", "a", "").size(), 'x');
  };
  auto publish = [&](const std::string& frame) {
    small.heard.clear();
    large.heard.clear();
    publisher.says(R"({"op":"pub","subject":"a","frame":")" + frame + R"("})");
  };
  publish(frame_of(65'536));
  CHECK(small.heard.size() == 1);
  CHECK(small.heard[0].size() == 65'536);
  CHECK(publisher.heard.empty());
  publish(frame_of(65'537));
  CHECK(small.heard.empty());
  CHECK(large.heard.size() == 1);
  CHECK(publisher.heard
        == lines{err("pub: frame too large for 1 subscriber(s)")});
  b.clock->advance(999ms);
  publish(frame_of(65'537));
  CHECK(publisher.heard.empty());
  b.clock->advance(1ms);
  publish(frame_of(65'537));
  CHECK(publisher.heard.size() == 1);
}

TEST_CASE("A client that leaves takes its subscriptions along", "[wire]") {
  bus b;
  peer publisher{b.broker};
  {
    peer a{b.broker};
    a.says(R"({"op":"sub","sub_id":"1","subject":"a"})");
    a.says(R"({"op":"sub","sub_id":"2","subject":">","queue_group":"g"})");
    CHECK(b.broker.clients() == 2);
  }
  CHECK(b.broker.clients() == 1);
  CHECK(
    publisher.says(R"({"op":"pub","subject":"a","frame":"x"})").heard.empty());
}

TEST_CASE("A client that takes nothing any more costs no work", "[wire]") {
  bus b;
  peer gone{b.broker};
  gone.says(R"({"op":"sub","sub_id":"1","subject":"a"})");
  gone.open = false;
  peer publisher{b.broker};
  publisher.says(R"({"op":"pub","subject":"a","frame":"x"})");
  CHECK(gone.heard.empty());
  CHECK(b.counters.signals_received.get() == 1);
  CHECK(b.counters.signals_sent.get() == 0);
}

TEST_CASE("Half a surrogate pair is refused in whatever form it comes",
          "[wire]") {
  bus b;
  peer a{b.broker};
  a.says(R"({"op":"sub","sub_id":"1","subject":"a"})");
  for (auto line : {R"({"op":"pub","subject":"a","frame":"\ud800"})",
                    R"({"op":"pub","subject":"a","frame":"\ud800","x":1})"}) {
    REQUIRE(a.says(line).heard.size() == 1);
    CHECK(json::parse(a.heard[0])["op"] == "err");
  }
}

TEST_CASE("An observer that throws harms nobody", "[wire]") {
  wire_server_options options;
  wire_counters counters;
  wire_broker broker{options, std::make_shared<manual_clock>(start), counters,
                     [](auto, auto) { throw std::runtime_error{"mine"}; }};
  peer a{broker};
  a.says(R"({"op":"sub","sub_id":"1","subject":"a"})");
  CHECK(a.says(R"({"op":"pub","subject":"a","frame":"x"})").heard.size() == 1);
}

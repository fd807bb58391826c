// SPDX-License-Identifier: Apache-2.0
#include "websocket_outbox.hpp"

#include "support/http_exchange.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace cosmo;
using namespace cosmo::net;
using namespace cosmo::net::test;
using namespace std::literals;

namespace {

/// What is taken, in words.
std::string next(websocket_outbox& outbox) {
  auto item = outbox.take();
  if (auto text = std::get_if<std::string>(&item))
    return *text;
  return std::holds_alternative<websocket_outbox::finished>(item) ? "(end)"
                                                                  : "(nothing)";
}

} // namespace

TEST_CASE("an outbox gives back what was put in, and then its end",
          "[net][websocket]") {
  websocket_outbox outbox{{}, {}};
  CHECK(outbox.push("a"));
  CHECK_FALSE(outbox.push("b"));
  CHECK(next(outbox) == "a");
  CHECK(next(outbox) == "b");
  CHECK(next(outbox) == "(nothing)");
  SECTION("told again after it was empty") {
    CHECK(outbox.push("c"));
    CHECK(next(outbox) == "c");
  }
  SECTION("told of the end, once") {
    CHECK(outbox.finish());
    CHECK_FALSE(outbox.finish());
    CHECK_FALSE(outbox.push("too late"));
    CHECK(next(outbox) == "(end)");
  }
}

TEST_CASE("a full outbox drops the oldest and counts", "[net][websocket]") {
  SECTION("by number") {
    websocket_outbox outbox{{.messages_max = 2}, {}};
    for (auto text : {"a", "b", "c", "d"})
      (void)outbox.push(text);
    CHECK(outbox.dropped() == 2);
    CHECK(next(outbox) == "c");
    CHECK(next(outbox) == "d");
  }
  SECTION("by size, but for the newest") {
    websocket_outbox outbox{{.bytes_max = 4}, {}};
    for (auto text : {"aa", "bb", "cc", "large enough"})
      (void)outbox.push(text);
    CHECK(outbox.dropped() == 3);
    CHECK(next(outbox) == "large enough");
    (void)outbox.push("aa");
    (void)outbox.push("bb");
    CHECK(outbox.dropped() == 3);
  }
}

TEST_CASE("the owner of an outbox hears of its end once", "[net][websocket]") {
  int count = 0;
  auto outbox
    = std::make_shared<websocket_outbox>(websocket_options{}, [&] { ++count; });
  auto reader = websocket_outbox::reader_of(outbox);
  (void)outbox->push("unsent");
  SECTION("when it is ended") {
    reader->end();
    reader->end();
    CHECK(count == 1);
  }
  SECTION("when nobody can read it any more") {
    auto other = reader;
    reader.reset();
    CHECK(count == 0);
    other.reset();
    CHECK(count == 1);
  }
  reader.reset();
  CHECK(count == 1);
  CHECK_FALSE(outbox->push("more"));
  CHECK(next(*outbox) == "(end)");
}

TEST_CASE("options of a WebSocket are checked", "[net][websocket]") {
  CHECK_FALSE(check(websocket_options{}));
  CHECK(failure_of(check(websocket_options{.messages_max = 0}))
        == failure{ec::bad_config, "websocket: messages_max must be > 0"});
  CHECK(failure_of(check(websocket_options{.ping_interval = 0ms}))
        == failure{ec::bad_config, "websocket: ping_interval must be > 0"});
}

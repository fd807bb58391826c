// SPDX-License-Identifier: Apache-2.0
#include "frame_feed.hpp"

#include <catch2/catch_test_macros.hpp>

#include <future>
#include <thread>

using cosmo::cli::frame_feed;
using namespace std::chrono_literals;

namespace {

/// A moment that no test reaches, and one that is over.
const auto far = std::chrono::steady_clock::now() + std::chrono::hours{1};
const auto past = std::chrono::steady_clock::time_point{};

std::string next_of(frame_feed& feed) {
  const auto next = feed.take();
  return next ? next->frame : "nothing";
}

} // namespace

TEST_CASE("frames are taken in the order in which they came",
          "[cli][frame_feed]") {
  frame_feed feed;
  CHECK(feed.empty());
  feed.offer("a", "1");
  feed.put("b", "2");
  CHECK(!feed.empty());
  const auto first = feed.take_until(far);
  REQUIRE(first);
  CHECK(first->subject == "a");
  CHECK(first->frame == "1");
  CHECK(next_of(feed) == "2");
  CHECK(feed.empty());
}

TEST_CASE("what is offered to a full feed is dropped and counted",
          "[cli][frame_feed]") {
  frame_feed feed{2};
  for (const auto* frame : {"1", "2", "3", "4"})
    feed.offer("a", frame);
  CHECK(feed.dropped() == 2);
  CHECK(next_of(feed) == "1");
  feed.offer("a", "5");
  CHECK(next_of(feed) == "2");
  CHECK(next_of(feed) == "5");
}

TEST_CASE("a feed is full by its bytes, too", "[cli][frame_feed]") {
  frame_feed feed{100, 10};
  feed.offer("a", std::string(100, 'x'));
  CHECK(feed.dropped() == 0);
  feed.offer("a", "y");
  CHECK(feed.dropped() == 1);
  CHECK(next_of(feed).size() == 100);
  feed.offer("a", "1234567890");
  CHECK(feed.dropped() == 1);
}

TEST_CASE("who puts into a full feed waits until there is room",
          "[cli][frame_feed]") {
  frame_feed feed{1};
  feed.put("a", "1");
  auto second = std::async(std::launch::async, [&] { feed.put("a", "2"); });
  CHECK(next_of(feed) == "1");
  CHECK(next_of(feed) == "2");
  CHECK(second.wait_for(20s) == std::future_status::ready);
  CHECK(feed.dropped() == 0);
}

TEST_CASE("after an interrupt there is nothing, and nobody waits",
          "[cli][frame_feed]") {
  frame_feed feed{1};
  feed.put("a", "1");
  auto second = std::async(std::launch::async, [&] { feed.put("a", "2"); });
  feed.interrupt();
  CHECK(second.wait_for(20s) == std::future_status::ready);
  CHECK(feed.interrupted());
  CHECK(next_of(feed) == "nothing");
  feed.offer("a", "3");
  CHECK(next_of(feed) == "nothing");
  CHECK(!feed.fault());
}

TEST_CASE("what came before a failure is still there", "[cli][frame_feed]") {
  frame_feed feed;
  feed.put("a", "1");
  feed.fail("first");
  feed.fail("second");
  CHECK(next_of(feed) == "1");
  CHECK(next_of(feed) == "nothing");
  CHECK(feed.fault() == "first");
  CHECK(!feed.interrupted());
}

TEST_CASE("when the time is over nothing more is taken in",
          "[cli][frame_feed]") {
  frame_feed feed;
  feed.put("a", "1");
  feed.put("a", "2");
  CHECK(feed.take_until(past)->frame == "1");
  feed.put("a", "3");
  CHECK(feed.take_until(past)->frame == "2");
  CHECK(!feed.take_until(past));
  CHECK(!feed.take());
}

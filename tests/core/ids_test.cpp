// SPDX-License-Identifier: Apache-2.0
#include "codec_support.hpp"
#include <cosmo/ids.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <set>
#include <thread>
#include <vector>

using namespace cosmo;
using namespace std::literals;

namespace {

bool is_ulid(std::string_view text) {
  constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  return text.size() == 26 && text.front() >= '0' && text.front() <= '7'
         && text.find_first_not_of(alphabet) == std::string_view::npos;
}

struct fixture {
  std::shared_ptr<manual_clock> clock
    = std::make_shared<manual_clock>(test::start_time);
  world outside = world::seeded(42, clock);
};

} // namespace

TEST_CASE("generated ids are a prefix and a canonical ULID", "[core][ids]") {
  const auto event = new_event_id();
  const auto trace = new_trace_id();
  const auto entry = new_engram_id();
  CHECK(event.starts_with("evt_"));
  CHECK(trace.starts_with("trc_"));
  CHECK(entry.starts_with("eng_"));
  for (const auto& id : {event, trace, entry}) {
    CHECK(id.size() == 30);
    CHECK(is_ulid(std::string_view{id}.substr(4)));
  }
}

TEST_CASE("a thousand ids are all different", "[core][ids]") {
  std::set<std::string> ids;
  for (int i = 0; i < 1'000; ++i)
    ids.insert(new_event_id());
  CHECK(ids.size() == 1'000);
}

TEST_CASE_METHOD(fixture, "ids start with the time in milliseconds",
                 "[core][ids]") {
  clock->set(timestamp{});
  CHECK(outside.ids->new_event_id().substr(4, 10) == "0000000000");
  clock->set(timestamp{31ms});
  CHECK(outside.ids->new_event_id().substr(4, 10) == "000000000Z");
  clock->set(timestamp{32ms});
  CHECK(outside.ids->new_event_id().substr(4, 10) == "0000000010");
}

TEST_CASE_METHOD(fixture, "ids rise while the clock stands still",
                 "[core][ids]") {
  auto last = outside.ids->new_event_id();
  bool rising = true;
  for (int i = 0; i < 5'000; ++i) {
    auto next = outside.ids->new_event_id();
    rising = rising && last < next && is_ulid(next.substr(4));
    last = std::move(next);
  }
  CHECK(rising);
}

TEST_CASE_METHOD(fixture, "ids rise when the clock goes back", "[core][ids]") {
  const auto before = outside.ids->new_event_id();
  clock->set(test::start_time - 1h);
  const auto after = outside.ids->new_event_id();
  CHECK(before < after);
  CHECK(before.substr(0, 14) == after.substr(0, 14));
}

TEST_CASE_METHOD(fixture, "ids of a later millisecond are fresh",
                 "[core][ids]") {
  const auto before = outside.ids->new_event_id();
  clock->advance(1ms);
  const auto after = outside.ids->new_event_id();
  CHECK(before < after);
  CHECK(before.substr(14) != after.substr(14));
}

TEST_CASE("the same seed gives the same ids", "[core][ids]") {
  fixture one;
  fixture two;
  CHECK(one.outside.ids->new_trace_id() == two.outside.ids->new_trace_id());
  CHECK(one.outside.ids->new_event_id() == two.outside.ids->new_event_id());
}

TEST_CASE("full random bits carry into the next ones", "[core][ids]") {
  struct ones : random_source {
    uint64_t next() override {
      return ~uint64_t{0};
    }
  };
  id_source ids{std::make_shared<manual_clock>(test::start_time),
                std::make_shared<ones>()};
  const auto first = ids.new_event_id();
  const auto second = ids.new_event_id();
  CHECK(first < second);
  CHECK(is_ulid(second.substr(4)));
}

TEST_CASE("threads that share a source never get the same id", "[core][ids]") {
  fixture shared;
  std::vector<std::string> made[4];
  std::vector<std::thread> threads;
  for (auto& mine : made)
    threads.emplace_back([&mine, &shared] {
      for (int i = 0; i < 1'000; ++i)
        mine.push_back(shared.outside.ids->new_event_id());
    });
  for (auto& thread : threads)
    thread.join();
  std::set<std::string> all;
  for (const auto& mine : made)
    all.insert(mine.begin(), mine.end());
  CHECK(all.size() == 4'000);
}

TEST_CASE("only the prefix of a foreign id is looked at", "[core][ids]") {
  CHECK(is_event_id("evt_"));
  CHECK(is_event_id("evt_" + std::string(26, '0')));
  CHECK(is_event_id("evt_anything at all"));
  CHECK(is_trace_id("trc_a"));
  CHECK_FALSE(is_event_id("bad"));
  CHECK_FALSE(is_event_id("EVT_1"));
  CHECK_FALSE(is_event_id("trc_1"));
  CHECK_FALSE(is_event_id(""));
  CHECK_FALSE(is_trace_id("evt_1"));
}

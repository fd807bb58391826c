// SPDX-License-Identifier: Apache-2.0
#include <cosmo/supervisor.hpp>

#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

using namespace cosmo;
using namespace std::literals;

namespace {

/// Answers a number with the next one; ends at a multiple of `fatal`.
child_factory counter(int fatal, std::atomic<int>& lives) {
  return [fatal, &lives](caf::actor_system& sys) {
    ++lives;
    return sys.spawn([fatal](caf::event_based_actor* self) -> caf::behavior {
      return {[self, fatal](int x) {
        if (x % fatal == 0)
          self->quit(caf::make_error(caf::sec::runtime_error, "fatal"));
        return x + 1;
      }};
    });
  };
}

} // namespace

TEST_CASE("on real threads each request to a dying child has one answer",
          "[supervisor][threads]") {
  constexpr int each = 2'000;
  runtime rt;
  std::atomic<int> lives = 0;
  auto tree = supervisor::start(
    rt, {.intensity = 100'000},
    {{.id = "a", .start = counter(50, lives), .stash = 100'000}});
  REQUIRE(tree);
  auto a = tree->child("a").value();
  std::atomic<int> answers = 0;
  std::atomic<int> errors = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      caf::scoped_actor self{rt.system()};
      for (int i = 0; i < each; ++i)
        self->request(a, 30s, 4 * i + t)
          .receive([&](int) { ++answers; }, [&](caf::error&) { ++errors; });
    });
  for (auto& t : threads)
    t.join();
  CHECK(answers + errors == 4 * each);
  CHECK(answers > errors);
  CHECK(lives > 1);
  CHECK_FALSE(tree->stop());
  CHECK(rt.dead_letters().count(dead_letter_reason::stash_overflow) == 0);
}

TEST_CASE("on real threads a tree ends with its runtime, whatever it is doing",
          "[supervisor][threads]") {
  for (auto i = 0; i < 50; ++i) {
    std::atomic<int> lives = 0;
    std::thread sender;
    caf::actor a;
    {
      runtime rt;
      auto tree = supervisor::start(
        rt, {.intensity = 100'000},
        {{.id = "inner",
          .start = nested(
            {.strategy = restart_strategy::one_for_all, .intensity = 100'000},
            {{.id = "a", .start = counter(3, lives), .stash = 10},
             {.id = "b", .start = counter(5, lives)}})}});
      REQUIRE(tree);
      a = tree->tree().value().children.at(0).children.at(0).handle;
      sender = std::thread{[&] {
        for (int n = 0; n < 3'000; ++n)
          caf::anon_send(a, n);
      }};
      std::this_thread::yield();
      CHECK(tree->tree());
      sender.join();
    }
    CHECK(lives >= 2);
    a = nullptr;
  }
}

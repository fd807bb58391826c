// SPDX-License-Identifier: Apache-2.0
#include "meeting.hpp"
#include "support/outcome_of.hpp"
#include <cosmo/coroutine.hpp>
#include <cosmo/dendrite.hpp>
#include <cosmo/runtime.hpp>

#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

namespace {

/// A frame's own object: how many there are, and whether two pieces of one
/// coroutine ever ran at once.
class witness {
public:
  explicit witness(std::atomic<int>& alive) : alive_(alive) {
    ++alive_;
  }

  witness(const witness&) = delete;
  witness& operator=(const witness&) = delete;

  ~witness() {
    --alive_;
  }

private:
  std::atomic<int>& alive_;
};

/// Somebody else's threads, which answer in any order.
class oracle {
public:
  awaited<int> ask(int x) {
    return awaited<int>{[this, x](completion<int> done) {
      std::lock_guard guard{mutex_};
      questions_.emplace_back(x, std::move(done));
    }};
  }

  void answer_one() {
    std::optional<std::pair<int, completion<int>>> next;
    {
      std::lock_guard guard{mutex_};
      if (questions_.empty())
        return;
      next = std::move(questions_.back());
      questions_.pop_back();
    }
    next->second(next->first);
  }

private:
  std::mutex mutex_;
  std::vector<std::pair<int, completion<int>>> questions_;
};

} // namespace

TEST_CASE("answers and STOPs race for coroutines", "[integration][coroutine]") {
  std::atomic<int> alive = 0;
  std::atomic<int> overlaps = 0;
  std::atomic<bool> over = false;
  oracle somebody;
  std::vector<std::jthread> threads;
  for (int t = 0; t < 2; ++t)
    threads.emplace_back([&] {
      while (!over) {
        somebody.answer_one();
        std::this_thread::yield();
      }
    });
  {
    runtime sys{{.threads = 2}};
    auto bus = sys.connect("memory:");
    auto host = sys.dendrite(bus);
    REQUIRE(host.attach_axon(
      {.neuron_id = "a",
       .neuron = [&](json, json, coroutine_io io) -> task<json> {
         witness here{alive};
         std::atomic<int> inside = 0;
         auto part = [&](int i) -> task<int> {
           witness there{alive};
           auto x = co_await somebody.ask(i);
           if (++inside != 1)
             ++overlaps;
           --inside;
           co_await io.sleep(10us);
           co_return x;
         };
         int sum = 0;
         for (int i = 0; i < 3; ++i) {
           auto all = co_await when_all(part(1), part(2));
           sum += std::get<0>(all) + std::get<1>(all);
         }
         co_return json{{"sum", sum}};
       },
       .concurrency = 4}));
    REQUIRE_FALSE(host.start());
    std::vector<pathway> opened;
    for (int i = 0; i < 300; ++i) {
      auto p = host.dispatch({.neuron = "a"});
      REQUIRE(p);
      opened.push_back(*p);
      if (i % 3 == 0)
        CHECK(host.emit_stop(opened[opened.size() / 2].trace_id()));
      if (i % 5 == 0)
        CHECK(host.emit_stop(p->trace_id()));
    }
    for (auto& p : opened) {
      auto outcome = outcome_of(p.wait(patience));
      CHECK((outcome == "AGENT_OUTPUT" || outcome == "pathway_closed"));
    }
    // The end of the runtime meets some that are under way.
    for (int i = 0; i < 50; ++i)
      CHECK(host.dispatch_task({.neuron = "a"}));
  }
  over = true;
  threads.clear();
  CHECK(alive == 0);
  CHECK(overlaps == 0);
}

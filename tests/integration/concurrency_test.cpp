// SPDX-License-Identifier: Apache-2.0
#include "meeting.hpp"
#include "support/outcome_of.hpp"
#include <cosmo/dendrite.hpp>
#include <cosmo/runtime.hpp>

#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <future>
#include <map>
#include <thread>
#include <utility>
#include <vector>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

namespace {

/// A real runtime; two threads show races without a large machine.
struct threads_fixture {
  dendrite orchestrator(std::string id = "orchestrator") {
    return sys.dendrite(bus, {.dendrite_id = std::move(id)});
  }

  dendrite serving(axon_options what) {
    auto result
      = sys.dendrite(bus, {.dendrite_id = "worker", .role = role::worker});
    REQUIRE(result.attach_axon(std::move(what)));
    REQUIRE_FALSE(result.start());
    return result;
  }

  /// A call on a thread of its own; `get` fails the test instead of hanging.
  static caf::expected<signal> get(std::future<caf::expected<signal>>& call) {
    if (call.wait_for(patience) != std::future_status::ready)
      throw std::runtime_error{"the call hangs"};
    return call.get();
  }

  std::future<caf::expected<signal>> call(const dendrite& from,
                                          dispatch_options what) {
    return std::async(std::launch::async, [from, what = std::move(what)] {
      return from.dispatch_and_wait(what);
    });
  }

  runtime sys{{.threads = 2}};
  caf::expected<synapse> bus = sys.connect("memory:");
};

any_neuron echo() {
  return [](const json& input, const json&) { return input; };
}

} // namespace

TEST_CASE_METHOD(threads_fixture, "64 blocking Neurons run at the same time",
                 "[integration][concurrency]") {
  constexpr size_t count = 64;
  meeting everybody{count};
  auto host = serving({.neuron_id = "a",
                       .neuron =
                         [&](const json& input, const json&) {
                           auto met = everybody.arrive_and_wait();
                           return json{{"met", met}, {"i", input["i"]}};
                         },
                       .concurrency = count});
  auto from = orchestrator();
  std::vector<pathway> opened;
  for (size_t i = 0; i < count; ++i) {
    auto p = from.dispatch({.neuron = "a", .input = {{"i", i}}});
    REQUIRE(p);
    opened.push_back(*p);
  }
  for (size_t i = 0; i < count; ++i) {
    auto reply = opened[i].wait(patience);
    REQUIRE(outcome_of(reply) == "AGENT_OUTPUT");
    CHECK(reply->output() == json{{"met", true}, {"i", i}});
  }
}

TEST_CASE_METHOD(threads_fixture, "no more Neurons block than are allowed",
                 "[integration][concurrency]") {
  constexpr size_t allowed = 4;
  meeting first{allowed};
  std::atomic<size_t> running = 0;
  std::atomic<size_t> most = 0;
  auto host
    = serving({.neuron_id = "a",
               .neuron =
                 [&](const json& input, const json&) {
                   auto now = ++running;
                   for (auto seen = most.load();
                        seen < now && !most.compare_exchange_weak(seen, now);) {
                     // nop
                   }
                   first.arrive_and_wait();
                   --running;
                   return input;
                 },
               .concurrency = allowed});
  auto from = orchestrator();
  std::vector<std::future<caf::expected<signal>>> calls;
  for (int i = 0; i < 32; ++i)
    calls.push_back(call(from, {.neuron = "a", .timeout = patience}));
  for (auto& c : calls)
    CHECK(outcome_of(get(c)) == "AGENT_OUTPUT");
  CHECK(most == allowed);
}

TEST_CASE_METHOD(threads_fixture, "callers of many threads get their answers",
                 "[integration][concurrency]") {
  auto host = serving({.neuron_id = "a", .neuron = echo()});
  auto from = orchestrator();
  std::atomic<int> right = 0;
  {
    std::vector<std::jthread> callers;
    for (int t = 0; t < 8; ++t)
      callers.emplace_back([&, t] {
        for (int i = 0; i < 50; ++i) {
          json input{{"t", t}, {"i", i}};
          auto reply = from.dispatch_and_wait(
            {.neuron = "a", .input = input, .timeout = patience});
          if (reply && reply->output() == input)
            ++right;
        }
      });
  }
  CHECK(right == 400);
}

TEST_CASE_METHOD(threads_fixture, "callers of many threads share a trace",
                 "[integration][concurrency]") {
  auto host = serving({.neuron_id = "a", .neuron = echo()});
  auto from = orchestrator();
  auto watching = host.observe_pathway("trc_shared");
  REQUIRE(watching);
  std::atomic<int> answered = 0;
  {
    std::vector<std::jthread> callers;
    for (int t = 0; t < 4; ++t)
      callers.emplace_back([&] {
        for (int i = 0; i < 25; ++i)
          if (from.dispatch_and_wait(
                {.neuron = "a", .trace_id = "trc_shared", .timeout = patience}))
            ++answered;
      });
  }
  CHECK(answered == 100);
  std::map<std::string, int> ids;
  for (int i = 0; i < 100; ++i) {
    auto sig = watching->wait_for(signal_type::AGENT_OUTPUT, patience);
    REQUIRE(sig);
    ++ids[sig->id()];
  }
  CHECK(ids.size() == 100);
}

TEST_CASE_METHOD(threads_fixture, "a promise may be kept on any thread",
                 "[integration][concurrency]") {
  std::mutex mutex;
  std::vector<std::jthread> helpers;
  auto body = neuron::async(
    [&](const json& input, const json&, neuron_io io, neuron_promise done) {
      std::lock_guard guard{mutex};
      helpers.emplace_back([&input, io, done] {
        // The arguments stay valid until the answer.
        io.think("elsewhere");
        done.deliver(input);
        done.deliver({{"second", "answer"}});
      });
    });
  auto host = serving({.neuron_id = "a", .neuron = body});
  auto from = orchestrator();
  for (int i = 0; i < 100; ++i) {
    auto p = from.dispatch({.neuron = "a", .input = {{"i", i}}});
    REQUIRE(p);
    auto thought = p->wait_for(signal_type::THOUGHT_DELTA, patience);
    REQUIRE(outcome_of(thought) == "THOUGHT_DELTA");
    auto reply = p->wait(patience);
    REQUIRE(outcome_of(reply) == "AGENT_OUTPUT");
    CHECK(reply->output() == json{{"i", i}});
  }
  REQUIRE_FALSE(host.stop());
}

TEST_CASE_METHOD(threads_fixture, "a promise dropped on any thread is noticed",
                 "[integration][concurrency]") {
  std::mutex mutex;
  std::vector<std::jthread> helpers;
  auto body = neuron::async(
    [&](const json&, const json&, neuron_io, neuron_promise done) {
      std::lock_guard guard{mutex};
      helpers.emplace_back(
        [kept = std::move(done)]() mutable { auto dropped = std::move(kept); });
    });
  auto host = serving({.neuron_id = "a", .neuron = body});
  auto from = orchestrator();
  for (int i = 0; i < 100; ++i)
    REQUIRE(
      outcome_of(from.dispatch_and_wait({.neuron = "a", .timeout = patience}))
      == "ERROR NEURON_EXCEPTION");
  REQUIRE_FALSE(host.stop());
}

TEST_CASE_METHOD(threads_fixture, "a blocking Neuron may dispatch to itself",
                 "[integration][concurrency]") {
  auto host = orchestrator("host");
  REQUIRE(host.attach_axon(
    {.neuron_id = "a",
     .neuron = [](const json& input, const json&,
                  const neuron_io& io) -> caf::expected<json> {
       auto n = input["n"].get<int>();
       if (n == 0)
         return json{{"depth", 0}};
       auto p = io.dispatch({.neuron = "a", .input = {{"n", n - 1}}});
       if (!p)
         return p.error();
       auto reply = p->wait(patience);
       if (!reply)
         return reply.error();
       return json{{"depth", reply->output()["depth"].get<int>() + 1}};
     }}));
  REQUIRE_FALSE(host.start());
  auto from = orchestrator();
  auto reply = from.dispatch_and_wait(
    {.neuron = "a", .input = {{"n", 10}}, .timeout = patience});
  REQUIRE(outcome_of(reply) == "AGENT_OUTPUT");
  CHECK(reply->output() == json{{"depth", 10}});
}

TEST_CASE_METHOD(threads_fixture, "a blocking callback holds up nobody else",
                 "[integration][concurrency]") {
  auto host = serving({.neuron_id = "a", .neuron = echo()});
  auto from = orchestrator();
  meeting inside{4};
  meeting leave{1};
  meeting left{4};
  std::vector<pathway> opened;
  // More of them than there are scheduler threads.
  for (int i = 0; i < 4; ++i) {
    auto p = from.dispatch({.neuron = "a"});
    REQUIRE(p);
    p->on(signal_type::AGENT_OUTPUT, [&](const signal&) {
      inside.arrive();
      leave.wait();
      left.arrive();
    });
    opened.push_back(*p);
  }
  CHECK(inside.wait());
  for (auto& p : opened)
    CHECK(outcome_of(p.wait(patience)) == "AGENT_OUTPUT");
  CHECK(outcome_of(from.dispatch_and_wait({.neuron = "a", .timeout = patience}))
        == "AGENT_OUTPUT");
  leave.arrive();
  CHECK(left.wait());
}

TEST_CASE_METHOD(threads_fixture, "a blocking bus handler holds up nobody else",
                 "[integration][concurrency]") {
  meeting inside{1};
  meeting leave{1};
  meeting left{1};
  // Blocks once: a later call could outlive the meetings of this test.
  auto sub = bus->subscribe(
    "cosmonapse.>", [&, blocked = false](const signal& sig) mutable {
      if (sig.type() != signal_type::TASK || std::exchange(blocked, true))
        return;
      inside.arrive();
      leave.wait();
      left.arrive();
    });
  REQUIRE(sub);
  auto host = serving({.neuron_id = "a", .neuron = echo()});
  auto from = orchestrator();
  CHECK(outcome_of(from.dispatch_and_wait({.neuron = "a", .timeout = patience}))
        == "AGENT_OUTPUT");
  CHECK(inside.wait());
  CHECK(outcome_of(from.dispatch_and_wait({.neuron = "a", .timeout = patience}))
        == "AGENT_OUTPUT");
  leave.arrive();
  CHECK(left.wait());
  sub->unsubscribe();
}

TEST_CASE_METHOD(threads_fixture,
                 "a bus handler may publish to itself, and flush",
                 "[integration][concurrency]") {
  signal_builder build{world::real()};
  meeting both{2};
  auto sub = bus->subscribe("a", [&](const signal& sig) {
    if (sig.type() == signal_type::HEARTBEAT)
      return both.arrive();
    // Waits neither for the handler that it is in nor for the one to come.
    if (!bus->publish("a", build.make(payload::heartbeat{})) && !bus->flush())
      both.arrive();
  });
  REQUIRE(sub);
  REQUIRE_FALSE(bus->publish("a", build.make(payload::plan{})));
  CHECK(both.wait());
  sub->unsubscribe();
}

TEST_CASE_METHOD(threads_fixture, "readers of one Pathway share its Signals",
                 "[integration][concurrency]") {
  constexpr int thoughts = 200;
  meeting reading{4};
  auto host
    = serving({.neuron_id = "a",
               .neuron = [&](const json&, const json&, const neuron_io& io) {
                 reading.wait();
                 for (int i = 0; i < thoughts; ++i)
                   io.think(std::to_string(i));
                 return json::object();
               }});
  auto from = orchestrator();
  auto p = from.dispatch({.neuron = "a", .finalize = true});
  REQUIRE(p);
  std::mutex mutex;
  std::map<std::string, int> seen;
  {
    std::vector<std::jthread> readers;
    for (int t = 0; t < 4; ++t)
      readers.emplace_back([&] {
        reading.arrive();
        for (auto& sig : *p) {
          std::lock_guard guard{mutex};
          ++seen[sig.id()];
        }
      });
  }
  // All of them ended, and nothing was read twice.
  CHECK(seen.size() == thoughts + 2);
  CHECK(std::ranges::all_of(seen, [](auto& x) { return x.second == 1; }));
}

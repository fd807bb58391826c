// SPDX-License-Identifier: Apache-2.0
#include "call_gate.hpp"

#include <catch2/catch_test_macros.hpp>

#include <ostream>

using namespace cosmo::net;
using namespace std::literals;

namespace {

using verdict = call_gate::verdict;
using fate = std::pair<uint64_t, verdict>;

const call_gate::time_point start{1h};

/// A gate with time that stands where it is put.
struct gate_at {
  explicit gate_at(const call_limits& limits) : gate(limits) {
    // nop
  }

  uint64_t enter(std::chrono::seconds patience = 30s) {
    return gate.enter(now + patience);
  }

  std::vector<fate> decide() {
    std::vector<fate> result;
    for (auto& decision : gate.decide(now))
      result.emplace_back(decision.number, decision.what);
    return result;
  }

  void end(call_outcome outcome = call_outcome::success, uint64_t tokens = 0,
           bool is_probe = false) {
    gate.end(now, is_probe, outcome, tokens);
  }

  call_gate::time_point now = start;
  call_gate gate;
};

} // namespace

TEST_CASE("a gate without limits lets everybody in", "[net][call_gate]") {
  gate_at it{{}};
  CHECK(call_limits{}.empty());
  auto one = it.enter();
  auto two = it.enter();
  CHECK(it.decide()
        == std::vector<fate>{{one, verdict::begins}, {two, verdict::begins}});
  CHECK_FALSE(it.gate.next(it.now));
}

TEST_CASE("calls above the concurrency wait in their order",
          "[net][call_gate]") {
  gate_at it{{.max_concurrency = 2}};
  auto first = it.enter();
  auto second = it.enter();
  auto third = it.enter();
  auto fourth = it.enter();
  CHECK(
    it.decide()
    == std::vector<fate>{{first, verdict::begins}, {second, verdict::begins}});
  CHECK(it.decide().empty());
  it.end();
  CHECK(it.decide() == std::vector<fate>{{third, verdict::begins}});
  it.end(call_outcome::nothing);
  CHECK(it.decide() == std::vector<fate>{{fourth, verdict::begins}});
}

TEST_CASE("a call that waits for too long is told so", "[net][call_gate]") {
  gate_at it{{.max_concurrency = 1}};
  it.enter();
  it.decide();
  auto waiting = it.enter(10s);
  CHECK(it.gate.next(it.now) == start + 10s);
  it.now += 10s - 1ns;
  CHECK(it.decide().empty());
  it.now += 1ns;
  CHECK(it.decide() == std::vector<fate>{{waiting, verdict::too_late}});
  CHECK_FALSE(it.gate.next(it.now));
}

TEST_CASE("a call that has left takes nobody's place", "[net][call_gate]") {
  gate_at it{{.max_concurrency = 1}};
  it.enter();
  it.decide();
  auto left = it.enter();
  auto next = it.enter();
  it.gate.leave(left);
  it.gate.leave(left);
  it.end();
  CHECK(it.decide() == std::vector<fate>{{next, verdict::begins}});
}

TEST_CASE("requests above the rate wait for the minute to pass",
          "[net][call_gate]") {
  gate_at it{{.requests_per_minute = 2}};
  it.enter();
  it.now += 1s;
  it.enter();
  CHECK(it.decide().size() == 2);
  it.end();
  it.end();
  auto third = it.enter(120s);
  CHECK(it.decide().empty());
  CHECK(it.gate.next(it.now) == it.now + 60s);
  it.now += 60s;
  CHECK(it.decide() == std::vector<fate>{{third, verdict::begins}});
}

TEST_CASE("tokens count when the reply has said how many", "[net][call_gate]") {
  gate_at it{{.tokens_per_minute = 100}};
  it.enter();
  it.enter();
  CHECK(it.decide().size() == 2);
  it.end(call_outcome::success, 99);
  it.enter();
  CHECK(it.decide().size() == 1);
  it.now += 5s;
  it.end(call_outcome::success, 1);
  auto waiting = it.enter(120s);
  CHECK(it.decide().empty());
  CHECK(it.gate.next(it.now) == start + 60s);
  it.now = start + 60s;
  CHECK(it.decide() == std::vector<fate>{{waiting, verdict::begins}});
}

TEST_CASE("an open breaker refuses who waits and who comes",
          "[net][call_gate]") {
  gate_at it{
    {.max_concurrency = 1, .breaker = {.failures = 1, .open_for = 5s}}};
  it.enter();
  it.decide();
  auto waiting = it.enter();
  it.end(call_outcome::failure);
  CHECK(it.decide() == std::vector<fate>{{waiting, verdict::refused}});
  auto late = it.enter();
  CHECK(it.decide() == std::vector<fate>{{late, verdict::refused}});
  it.now += 5s;
  it.enter();
  auto probes = it.gate.decide(it.now);
  REQUIRE(probes.size() == 1);
  CHECK(probes[0].what == verdict::begins);
  CHECK(probes[0].is_probe);
  auto beside = it.enter();
  CHECK(it.decide() == std::vector<fate>{{beside, verdict::refused}});
  it.end(call_outcome::success, 0, true);
  auto healed = it.enter();
  CHECK(it.decide() == std::vector<fate>{{healed, verdict::begins}});
}

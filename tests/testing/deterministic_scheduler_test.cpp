// SPDX-License-Identifier: Apache-2.0
#include <cosmo/testing/deterministic_scheduler.hpp>

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <catch2/catch_test_macros.hpp>

#include <string>

using namespace cosmo;
using namespace cosmo::testing;
using namespace std::literals;

namespace {

struct scheduler_fixture {
  caf::actor noting(char name) {
    auto hdl = scheduler.system().spawn([this, name]() -> caf::behavior {
      return {[this, name](int) { seen += name; }};
    });
    while (scheduler.deliver_one()) {
      // Only what tests send counts.
    }
    return hdl;
  }

  std::string seen;
  deterministic_scheduler scheduler;
};

} // namespace

TEST_CASE_METHOD(scheduler_fixture, "nothing happens by itself",
                 "[testing][deterministic_scheduler]") {
  auto a = noting('a');
  caf::anon_send(a, 1);
  CHECK(seen.empty());
  CHECK(scheduler.deliver_one());
  CHECK(seen == "a");
  CHECK_FALSE(scheduler.deliver_one());
  caf::anon_send_exit(a, caf::exit_reason::kill);
  CHECK(scheduler.deliver_one());
}

TEST_CASE_METHOD(scheduler_fixture, "one delivery is one message",
                 "[testing][deterministic_scheduler]") {
  auto a = noting('a');
  auto b = noting('b');
  for (int i = 0; i < 3; ++i) {
    caf::anon_send(a, i);
    caf::anon_send(b, i);
  }
  for (size_t i = 1; i <= 6; ++i) {
    CHECK(scheduler.deliver_one());
    CHECK(seen.size() == i);
  }
  CHECK_FALSE(scheduler.deliver_one());
  CHECK(std::ranges::count(seen, 'a') == 3);
  for (auto& hdl : {a, b})
    caf::anon_send_exit(hdl, caf::exit_reason::kill);
  while (scheduler.deliver_one()) {
    // nop
  }
}

TEST_CASE_METHOD(scheduler_fixture, "time stands still until it is moved",
                 "[testing][deterministic_scheduler]") {
  int fired = 0;
  auto hdl = scheduler.system().spawn(
    [&](caf::event_based_actor* self) -> caf::behavior {
      self->run_delayed(2s, [&] { ++fired; });
      self->run_delayed(5s, [&] { ++fired; });
      return {[](int) {}};
    });
  auto settle = [this] {
    while (scheduler.deliver_one()) {
      // nop
    }
  };
  settle();
  CHECK(scheduler.elapsed() == 0s);
  CHECK(scheduler.advance(2s - 1ns) == 0);
  settle();
  CHECK(fired == 0);
  CHECK(scheduler.advance(1ns) == 1);
  settle();
  CHECK(fired == 1);
  CHECK(scheduler.elapsed() == 2s);
  CHECK(scheduler.trigger_next());
  settle();
  CHECK(fired == 2);
  CHECK(scheduler.elapsed() == 5s);
  CHECK_FALSE(scheduler.trigger_next());
  CHECK(scheduler.elapsed() == 5s);
  caf::anon_send_exit(hdl, caf::exit_reason::kill);
  settle();
}

// SPDX-License-Identifier: Apache-2.0
#include <cosmo/accounted.hpp>
#include <cosmo/dead_letters.hpp>
#include <cosmo/testing/simulation.hpp>

#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>
#include <catch2/catch_test_macros.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace cosmo;
using namespace std::literals;

namespace {

struct letters_fixture {
  letters_fixture() {
    init_message_types();
  }

  std::shared_ptr<dead_letters> book = std::make_shared<dead_letters>();
  std::vector<dead_letter> seen;

  dead_letters::observer keep() {
    return [this](const dead_letter& x) { seen.push_back(x); };
  }
};

} // namespace

TEST_CASE_METHOD(letters_fixture, "dead letters are counted by reason",
                 "[dead_letters]") {
  CHECK(book->count() == 0);
  book->add(dead_letter_reason::refused, "worker", "PLAN");
  book->add(dead_letter_reason::refused, "worker", "PLAN");
  book->add(dead_letter_reason::dropped, "worker", "TASK");
  CHECK(book->count(dead_letter_reason::refused) == 2);
  CHECK(book->count(dead_letter_reason::dropped) == 1);
  CHECK(book->count(dead_letter_reason::no_receiver) == 0);
  CHECK(book->count() == 3);
}

TEST_CASE_METHOD(letters_fixture, "an observer sees letters from now on",
                 "[dead_letters]") {
  book->add(dead_letter_reason::refused, "early", "PLAN");
  auto watch = book->observe(keep());
  book->add(dead_letter_reason::no_receiver, "a", caf::make_message(1, "x"s));
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].reason == dead_letter_reason::no_receiver);
  CHECK(seen[0].receiver == "a");
  CHECK(seen[0].content == "[int32_t, std::string]");
  watch.remove();
  watch.remove();
  book->add(dead_letter_reason::no_receiver, "a", "y");
  CHECK(seen.size() == 1);
  CHECK(book->count() == 3);
}

TEST_CASE_METHOD(letters_fixture, "an observer may throw, observe and leave",
                 "[dead_letters]") {
  book->observe([](const dead_letter&) { throw std::runtime_error{"no"}; });
  book->observe([](const dead_letter&) { throw 1; });
  std::optional<dead_letters::observation> once;
  once = book->observe([&](const dead_letter&) {
    once->remove();
    book->observe(keep());
  });
  book->add(dead_letter_reason::dropped, "a", "1");
  CHECK(seen.empty());
  book->add(dead_letter_reason::dropped, "a", "2");
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].content == "2");
}

TEST_CASE_METHOD(letters_fixture, "an observation may outlive its book",
                 "[dead_letters]") {
  auto watch = book->observe(keep());
  book.reset();
  watch.remove();
  CHECK(seen.empty());
}

TEST_CASE("an actor may observe until it ends", "[dead_letters]") {
  testing::simulation sim;
  auto& book = sim.runtime().dead_letters();
  std::vector<std::string> seen;
  auto reader = sim.runtime().system().spawn(
    [&](caf::event_based_actor*) -> caf::behavior {
      return {[&](const dead_letter& x) { seen.push_back(x.content); }};
    });
  book.observe(reader);
  book.add(dead_letter_reason::dropped, "a", "1");
  sim.run();
  CHECK(seen == std::vector{"1"s});
  auto base = sim.actors_alive();
  reader = nullptr;
  sim.run();
  CHECK(sim.actors_alive() == base - 1);
  book.add(dead_letter_reason::dropped, "a", "2");
  CHECK(book.count() == 2);
}

TEST_CASE_METHOD(letters_fixture, "letters come from any thread",
                 "[dead_letters]") {
  constexpr int each = 10'000;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([this, i] {
      for (int n = 0; n < each; ++n) {
        book->add(dead_letter_reason::dropped, "a", "x");
        if (i == 0 && n % 100 == 0)
          book->observe([](const dead_letter&) {}).remove();
      }
    });
  for (auto& t : threads)
    t.join();
  CHECK(book->count() == 4 * each);
}

namespace {

/// Takes numbers; ends at a negative one.
struct taker_state {
  taker_state(caf::event_based_actor* self, std::vector<int>& taken)
    : self_(self), taken_(taken) {
    // nop
  }

  caf::behavior make_behavior() {
    // A timer of its own is nobody's mail.
    self_->run_delayed(1h, [] {});
    return {[this](int x) {
      taken_.push_back(x);
      if (x < 0)
        self_->quit(caf::exit_reason::unknown);
      return x;
    }};
  }

  caf::event_based_actor* self_;
  std::vector<int>& taken_;
};

using accounted_taker = accounted<caf::stateful_actor<taker_state>>;

} // namespace

TEST_CASE("what an accounted actor leaves in its mailbox is counted",
          "[dead_letters]") {
  for (auto kill : {false, true}) {
    CAPTURE(kill);
    testing::simulation sim;
    auto book = std::make_shared<dead_letters>();
    std::vector<dead_letter> seen;
    book->observe([&](const dead_letter& x) { seen.push_back(x); });
    std::vector<int> taken;
    auto& sys = sim.runtime().system();
    auto hdl = sys.spawn<accounted_taker>(book, "taker", std::ref(taken));
    sim.run();
    caf::anon_send(hdl, 1);
    sim.run();
    int errors = 0;
    sys.spawn<caf::hidden>([&](caf::event_based_actor* self) {
      self->request(hdl, caf::infinite, 3)
        .then([](int) {}, [&](const caf::error&) { ++errors; });
    });
    if (kill)
      caf::anon_send_exit(hdl, caf::exit_reason::kill);
    else
      caf::anon_send(hdl, -1);
    caf::anon_send(hdl, 2);
    caf::anon_send_exit(hdl, caf::exit_reason::normal);
    sim.run();
    CHECK(taken == (kill ? std::vector{1} : std::vector{1, -1}));
    CHECK(errors == 1);
    CHECK(book->count(dead_letter_reason::lost_in_mailbox) == 2);
    CHECK(book->count() == 2);
    for (auto& letter : seen)
      CHECK(letter.receiver == "taker");
  }
}

TEST_CASE("whenever an accounted actor dies, all mail is accounted for",
          "[dead_letters]") {
  size_t lost = 0;
  for (size_t steps = 0; steps < 30; ++steps) {
    CAPTURE(steps);
    testing::simulation sim;
    auto book = std::make_shared<dead_letters>();
    std::vector<int> taken;
    auto& sys = sim.runtime().system();
    auto hdl = sys.spawn<accounted_taker>(book, "taker", std::ref(taken));
    size_t sent = 0;
    for (auto x = 1; x <= 20; ++x) {
      ++sent;
      if (x % 4 == 0)
        caf::anon_send<caf::message_priority::high>(hdl, x);
      else
        caf::anon_send(hdl, x);
    }
    for (size_t i = 0; i < steps && sim.deliver_one(); ++i) {
      // nop
    }
    if (steps % 2 == 0)
      caf::anon_send_exit(hdl, caf::exit_reason::kill);
    else
      caf::anon_send<caf::message_priority::high>(hdl, -1);
    sent += steps % 2;
    sim.run();
    CHECK(taken.size() + book->count() == sent);
    lost += book->count();
  }
  CHECK(lost > 0);
}

TEST_CASE("every reason has a name", "[dead_letters]") {
  for (size_t i = 0; i < dead_letter_reasons; ++i)
    CHECK_FALSE(to_string(static_cast<dead_letter_reason>(i)).empty());
  CHECK(to_string(dead_letter_reason::lost_in_mailbox) == "lost_in_mailbox");
}

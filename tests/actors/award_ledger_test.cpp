// SPDX-License-Identifier: Apache-2.0
#include "award_ledger.hpp"

#include <cosmo/testing/simulation.hpp>

#include <caf/event_based_actor.hpp>
#include <catch2/catch_test_macros.hpp>

using namespace cosmo;
using namespace cosmo::actors;

namespace {

struct ledger_fixture {
  caf::actor_addr somebody() {
    hosts.push_back(sim.runtime().system().spawn(
      [](caf::event_based_actor*) -> caf::behavior { return {[](int) {}}; }));
    return hosts.back().address();
  }

  /// Awards to whoever serves the Neuron; somebody does if nobody did.
  void award(const std::string& id, const std::string& key) {
    if (!ledger.host_of(key))
      ledger.serve(key, somebody());
    CHECK(ledger.award(id, key, ledger.host_of(key),
                       [this, id] { refused.push_back(id); }));
  }

  testing::simulation sim;
  std::vector<caf::actor> hosts;
  std::vector<std::string> refused;
  award_ledger ledger;
};

} // namespace

TEST_CASE_METHOD(ledger_fixture, "a Neuron is where it was served last",
                 "[actors][award_ledger]") {
  auto one = somebody();
  auto two = somebody();
  CHECK_FALSE(ledger.host_of("n"));
  ledger.serve("n", one);
  CHECK(ledger.host_of("n") == one);
  ledger.serve("n", two);
  CHECK(ledger.host_of("n") == two);
  // Whoever was replaced cannot take it away.
  ledger.leave("n", one);
  CHECK(ledger.host_of("n") == two);
  ledger.leave("n", two);
  CHECK_FALSE(ledger.host_of("n"));
}

TEST_CASE_METHOD(ledger_fixture, "an award is taken up once",
                 "[actors][award_ledger]") {
  award("evt_a", "n");
  CHECK(ledger.accept("evt_a"));
  CHECK_FALSE(ledger.accept("evt_a"));
  CHECK(ledger.refuse("evt_a"));
  CHECK(refused.empty());
}

TEST_CASE_METHOD(ledger_fixture, "an award that was given back is not run",
                 "[actors][award_ledger]") {
  award("evt_a", "n");
  CHECK(ledger.refuse("evt_a"));
  CHECK(refused == std::vector<std::string>{"evt_a"});
  CHECK_FALSE(ledger.accept("evt_a"));
  CHECK(ledger.refuse("evt_a"));
  CHECK(refused.size() == 1);
}

TEST_CASE_METHOD(ledger_fixture,
                 "whoever leaves gives back what he has not begun",
                 "[actors][award_ledger]") {
  auto host = somebody();
  ledger.serve("n", host);
  award("evt_a", "n");
  award("evt_b", "n");
  award("evt_c", "n");
  award("evt_d", "other");
  CHECK(ledger.accept("evt_a"));
  ledger.forget("evt_c");
  ledger.leave("n", host);
  CHECK(refused == std::vector<std::string>{"evt_b"});
  CHECK_FALSE(ledger.accept("evt_b"));
  CHECK(ledger.accept("evt_d"));
  ledger.leave("n", host);
  CHECK(refused.size() == 1);
}

TEST_CASE_METHOD(ledger_fixture, "an award to whoever has left is not noted",
                 "[actors][award_ledger]") {
  auto one = somebody();
  auto two = somebody();
  CHECK_FALSE(ledger.has_left("n"));
  ledger.serve("n", one);
  ledger.leave("n", one);
  CHECK(ledger.has_left("n"));
  CHECK_FALSE(ledger.award("evt_a", "n", one, [] {}));
  ledger.serve("n", two);
  CHECK_FALSE(ledger.has_left("n"));
  CHECK_FALSE(ledger.award("evt_a", "n", one, [] {}));
  CHECK(ledger.award("evt_a", "n", two, [] {}));
}

TEST_CASE_METHOD(ledger_fixture,
                 "a withdrawn award stays so, however late it comes",
                 "[actors][award_ledger]") {
  award("evt_a", "n");
  ledger.leave("n", ledger.host_of("n"));
  ledger.forget("evt_a");
  CHECK_FALSE(ledger.accept("evt_a"));
  CHECK(ledger.refuse("evt_a"));
  CHECK(refused.size() == 1);
}

TEST_CASE_METHOD(ledger_fixture, "an award from elsewhere may be run",
                 "[actors][award_ledger]") {
  CHECK(ledger.accept("evt_foreign"));
  CHECK_FALSE(ledger.refuse("evt_foreign"));
  award("evt_a", "n");
  ledger.forget("evt_a");
  ledger.forget("evt_a");
  CHECK(ledger.accept("evt_a"));
}

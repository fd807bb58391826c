// SPDX-License-Identifier: Apache-2.0
// Several connections and processes on one file.
#include "support/lock_holder.hpp"
#include "support/neuron_samples.hpp"
#include "support/outcome_of.hpp"
#include "support/scratch_folder.hpp"
#include "support/sqlite_file.hpp"
#include <cosmo/sqlite_registry_store.hpp>

#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <latch>
#include <thread>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

namespace {

constexpr sqlite_registry_options impatient{.busy_timeout = 5ms};

} // namespace

TEST_CASE("who writes while another connection does is told so", "[registry]") {
  const scratch_folder folder;
  sqlite_registry_store store{folder.file(), impatient};
  REQUIRE(outcome_of(store.connect()) == "ok");
  CHECK(outcome_of(store.upsert(sample("a"))) == "ok");
  auto other = open_raw(folder.file());
  other.exec("BEGIN IMMEDIATE");
  const auto err = store.apply({sample("b"), neuron_farewell{"a"}});
  CHECK(outcome_of(err) == "store_busy");
  CHECK(text_of(err) == "registry '" + folder.file() + "': database is locked");
  // Readers do not wait for writers.
  CHECK(ids_of(store.list({})) == ids{"a"});
  other.exec("ROLLBACK");
  CHECK(outcome_of(store.upsert(sample("b"))) == "ok");
  CHECK(ids_of(store.list({})) == ids{"a", "b"});
}

TEST_CASE("who writes while another process does is told so",
          "[registry][integration]") {
  const scratch_folder folder;
  sqlite_registry_store store{folder.file(), impatient};
  REQUIRE(outcome_of(store.connect()) == "ok");
  {
    const lock_holder other{folder.file(), "BEGIN IMMEDIATE"};
    REQUIRE(other.holds());
    CHECK(outcome_of(store.upsert(sample("a"))) == "store_busy");
    CHECK(outcome_of(store.get("a")) == "not_found");
  }
  CHECK(outcome_of(store.upsert(sample("a"))) == "ok");
}

TEST_CASE("connecting to a locked file fails without touching it",
          "[registry][integration]") {
  const scratch_folder folder;
  run_sql(folder.file(), upstream_schema);
  const auto bytes = bytes_of(folder.file());
  sqlite_registry_store store{folder.file(), impatient};
  {
    const lock_holder other{folder.file(), "BEGIN EXCLUSIVE"};
    REQUIRE(other.holds());
    const auto err = store.connect();
    CHECK(outcome_of(err) == "store_busy");
    CHECK(text_of(err).find(folder.file()) != std::string::npos);
    CHECK((bytes_of(folder.file()) == bytes));
  }
  CHECK(outcome_of(store.connect()) == "ok");
}

TEST_CASE("a lock that is given back in time is no fault",
          "[registry][integration]") {
  const scratch_folder folder;
  sqlite_registry_store store{folder.file(), {.busy_timeout = 60s}};
  REQUIRE(outcome_of(store.connect()) == "ok");
  auto other = open_raw(folder.file());
  other.exec("BEGIN IMMEDIATE");
  std::latch about_to_write{1};
  std::string outcome;
  std::jthread writer{[&] {
    about_to_write.count_down();
    outcome = outcome_of(store.upsert(sample("a")));
  }};
  about_to_write.wait();
  other.exec("COMMIT");
  writer.join();
  CHECK(outcome == "ok");
}

TEST_CASE("a timeout may be nonsense", "[registry]") {
  const scratch_folder folder;
  for (auto timeout : {-1ms, std::chrono::milliseconds::min(), 0ms,
                       std::chrono::milliseconds::max()}) {
    sqlite_registry_store store{folder.file(), {.busy_timeout = timeout}};
    CHECK(outcome_of(store.connect()) == "ok");
    CHECK(outcome_of(store.upsert(sample("a"))) == "ok");
  }
}

TEST_CASE("several stores may make and use one file at once",
          "[registry][integration]") {
  constexpr int stores = 6;
  constexpr int changes = 20;
  const scratch_folder folder;
  std::atomic<int> faults = 0;
  std::latch start{stores};
  {
    std::vector<std::jthread> users;
    users.reserve(stores);
    for (int n = 0; n < stores; ++n)
      users.emplace_back([&, n] {
        sqlite_registry_store store{folder.file(), {.busy_timeout = 60s}};
        start.arrive_and_wait();
        if (store.connect())
          ++faults;
        for (int i = 0; i < changes; ++i)
          if (store.upsert(sample(std::to_string(n) + '.' + std::to_string(i))))
            ++faults;
      });
  }
  CHECK(faults == 0);
  sqlite_registry_store store{folder.file()};
  REQUIRE(outcome_of(store.connect()) == "ok");
  CHECK(store.list({})->size() == stores * changes);
}

// SPDX-License-Identifier: Apache-2.0
// Disks that are full or cannot be written.
#include "support/neuron_samples.hpp"
#include "support/outcome_of.hpp"
#include "support/small_disk.hpp"
#include "support/sqlite_file.hpp"
#include <cosmo/sqlite_registry_store.hpp>

#include <catch2/catch_test_macros.hpp>

#include <filesystem>

using namespace cosmo;
using namespace cosmo::test;

namespace {

constexpr size_t megabyte = 1024 * 1024;

constexpr int many = 20'000;

void skip_unless_mounted(const small_disk& disk) {
  if (!disk.mounted())
    SKIP("this process may not mount a file system of its own");
}

std::vector<registry_write> many_neurons(const std::string& prefix) {
  std::vector<registry_write> result;
  result.reserve(many);
  for (int i = 0; i < many; ++i)
    result.emplace_back(sample(prefix + std::to_string(i)));
  return result;
}

} // namespace

TEST_CASE("a full disk takes all changes of a call or none", "[registry]") {
  small_disk disk{megabyte};
  skip_unless_mounted(disk);
  sqlite_registry_store store{disk.file()};
  REQUIRE(outcome_of(store.connect()) == "ok");
  REQUIRE(outcome_of(store.upsert(sample("old"))) == "ok");
  auto changes = many_neurons("new ");
  changes.insert(changes.begin(), neuron_farewell{"old"});
  const auto err = store.apply(changes);
  CHECK(outcome_of(err) == "store_io");
  CHECK(text_of(err)
        == "registry '" + disk.file() + "': database or disk is full");
  CHECK(ids_of(store.list({.include_deregistered = true})) == ids{"old"});
  CHECK(store.get("old") == sample("old"));
  SECTION("and goes on when there is room again") {
    REQUIRE(disk.resize(64 * megabyte));
    CHECK(outcome_of(store.apply(changes)) == "ok");
    CHECK(store.list({})->size() == many);
  }
  SECTION("and is sound when it is opened again") {
    store.close();
    REQUIRE(disk.resize(64 * megabyte));
    CHECK(outcome_of(store.connect()) == "ok");
    CHECK(store.get("old") == sample("old"));
  }
}

TEST_CASE("a registry cannot be made on a full disk", "[registry]") {
  small_disk disk{megabyte};
  skip_unless_mounted(disk);
  write_bytes(disk.file("ballast"), std::string(2 * megabyte, 'x'));
  sqlite_registry_store store{disk.file()};
  CHECK(outcome_of(store.connect()) == "store_io");
  std::filesystem::remove(disk.file("ballast"));
  CHECK(outcome_of(store.connect()) == "ok");
  CHECK(outcome_of(store.upsert(sample("a"))) == "ok");
}

TEST_CASE("a disk that cannot be written holds no registry", "[registry]") {
  small_disk disk{megabyte};
  skip_unless_mounted(disk);
  SECTION("not a new one") {
    REQUIRE(disk.make_read_only());
  }
  SECTION("nor one of another SDK") {
    run_sql(disk.file(), upstream_schema);
    REQUIRE(disk.make_read_only());
  }
  SECTION("nor one of ours") {
    sqlite_registry_store store{disk.file()};
    REQUIRE(outcome_of(store.connect()) == "ok");
    store.close();
    REQUIRE(disk.make_read_only());
  }
  const auto bytes = bytes_of(disk.file());
  sqlite_registry_store store{disk.file()};
  const auto err = store.connect();
  CHECK(outcome_of(err) == "store_io");
  CHECK(text_of(err).find(disk.file()) != std::string::npos);
  CHECK((bytes_of(disk.file()) == bytes));
}

TEST_CASE("a foreign file on a disk that cannot be written is foreign",
          "[registry]") {
  small_disk disk{megabyte};
  skip_unless_mounted(disk);
  run_sql(disk.file(), "CREATE TABLE notes (id)");
  REQUIRE(disk.make_read_only());
  sqlite_registry_store store{disk.file()};
  CHECK(outcome_of(store.connect()) == "store_foreign");
}

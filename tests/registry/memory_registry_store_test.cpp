// SPDX-License-Identifier: Apache-2.0
#include "support/neuron_samples.hpp"
#include "support/outcome_of.hpp"
#include <cosmo/memory_registry_store.hpp>

#include <catch2/catch_test_macros.hpp>

using namespace cosmo;
using namespace cosmo::test;

TEST_CASE("a memory store works without being connected", "[registry]") {
  memory_registry_store store;
  CHECK(outcome_of(store.upsert(sample("a"))) == "ok");
  CHECK(outcome_of(store.get("a")) == "ok");
}

TEST_CASE("a memory store never keeps its caller waiting", "[registry]") {
  CHECK_FALSE(memory_registry_store{}.blocks());
}

TEST_CASE("a memory store forgets everything on close", "[registry]") {
  memory_registry_store store;
  CHECK(outcome_of(store.upsert(sample("a"))) == "ok");
  store.close();
  CHECK(ids_of(store.list({.include_deregistered = true})).empty());
  CHECK(outcome_of(store.get("a")) == "not_found");
  CHECK(outcome_of(store.touch_heartbeat("a", after(3))) == "ok");
  CHECK(store.get("a")->registered_at == after(3));
}

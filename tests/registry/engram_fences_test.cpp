// SPDX-License-Identifier: Apache-2.0
#include "engram_fences.hpp"

#include "support/neuron_samples.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace cosmo;
using namespace cosmo::test;
using cosmo::registry::engram_fences;

TEST_CASE("the oldest of too many fences is dropped", "[engram]") {
  engram_fences fences;
  for (size_t i = 0; i <= engram_fences::count_max; ++i)
    fences.put("trc_" + std::to_string(i), {"evt", noon, noon});
  CHECK(fences.find("trc_0") == nullptr);
  CHECK(fences.find("trc_1") != nullptr);
  CHECK(fences.find("trc_" + std::to_string(engram_fences::count_max))
        != nullptr);
}

TEST_CASE("a fence that is put up again is as wide as the wider of both",
          "[engram]") {
  engram_fences fences;
  fences.put("trc_a", {"evt_1", after(5), after(6)});
  fences.put("trc_a", {"evt_2", after(3), after(7)});
  REQUIRE(fences.find("trc_a"));
  CHECK(fences.find("trc_a")->stop_id == "evt_2");
  CHECK(fences.find("trc_a")->stopped_at == after(5));
  CHECK(fences.find("trc_a")->since == after(7));
}

TEST_CASE("old fences are forgotten, the others keep their order", "[engram]") {
  engram_fences fences;
  fences.put("trc_a", {"evt", noon, after(1)});
  fences.put("trc_b", {"evt", noon, after(2)});
  fences.put("trc_c", {"evt", noon, after(3)});
  fences.put("trc_a", {"evt", noon, after(4)});
  CHECK(fences.forget(after(3)) == 1);
  CHECK(fences.find("trc_b") == nullptr);
  CHECK(fences.find("trc_a") != nullptr);
  CHECK(fences.forget(after(3)) == 0);
  CHECK(fences.forget(after(10)) == 2);
  CHECK(fences.find("trc_c") == nullptr);
}

// SPDX-License-Identifier: Apache-2.0
#include "run_on_worker.hpp"

#include "support/bed.hpp"
#include "support/recorded_log.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <stdexcept>

using namespace cosmo;
using namespace cosmo::test;

TEST_CASE_METHOD(bed, "what nobody waits for is run on a worker",
                 "[actors][run_on_worker]") {
  auto& env = sim.runtime().environment();
  sim.run();
  auto idle = env->idle_workers();
  int runs = 0;
  actors::run_on_worker(env, [&] { ++runs; });
  CHECK(runs == 0);
  sim.run();
  CHECK(runs == 1);
  CHECK(env->idle_workers() == std::max<size_t>(idle, 1));
}

TEST_CASE_METHOD(bed, "a worker survives what it runs for nobody",
                 "[actors][run_on_worker]") {
  recorded_log log;
  auto& env = sim.runtime().environment();
  actors::run_on_worker(env, [] { throw std::runtime_error{"thrown"}; });
  sim.run();
  CHECK(log.count("callback-threw") == 1);
  CHECK(env->idle_workers() == 1);
}

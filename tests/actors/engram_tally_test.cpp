// SPDX-License-Identifier: Apache-2.0
#include "engram_tally.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace cosmo;
using cosmo::actors::engram_tally;

namespace {

payload::imprinted receipt(std::string op, std::optional<std::string> error) {
  return {.op = std::move(op), .error = std::move(error)};
}

} // namespace

TEST_CASE("recalls are counted with what they have found",
          "[actors][engram_tally]") {
  engram_tally tally;
  tally.recalled(3);
  tally.recalled(0);
  tally.passed_over();
  tally.recall_failed("engram_overloaded: 1024 requests are waiting");
  CHECK(tally.counts()
        == engram_counts{
          .recalls = 4, .hits = 3, .errors = {{"engram_overloaded", 1}}});
}

TEST_CASE("imprints are counted by their op, errors by their token",
          "[actors][engram_tally]") {
  engram_tally tally;
  tally.imprinted(receipt("add", {}));
  tally.imprinted(receipt("add", "id_collision: the id \"a\" is in use"));
  tally.imprinted(receipt("merge", "no entry for merge_key='a: b'"));
  tally.imprinted(receipt("upsert", "upsert requires merge_key"));
  tally.imprinted(receipt("delete", "std::runtime_error: no: never"));
  CHECK(tally.counts()
        == engram_counts{
          .imprints = {{"add", 2}, {"delete", 1}, {"merge", 1}, {"upsert", 1}},
          .errors = {{"id_collision", 1},
                     {"imprint_refused", 2},
                     {"std::runtime_error", 1}}});
}

TEST_CASE("names from outside do not fill the memory",
          "[actors][engram_tally]") {
  engram_tally tally;
  for (int i = 0; i < 1'000; ++i)
    tally.imprinted(
      receipt("op" + std::to_string(i), "token" + std::to_string(i) + ": no"));
  tally.imprinted(receipt("", std::string(1'000'000, 'x') + ": no"));
  tally.imprinted(receipt("add", "token0: no"));
  auto& counts = tally.counts();
  CHECK(counts.imprints
        == engram_counts::by_name{{"add", 1}, {"other", 1'001}});
  CHECK(counts.errors.size() == engram_tally::tokens_max + 1);
  CHECK(counts.errors.at("token0") == 2);
  CHECK(counts.errors.at("other") == 1'001 - engram_tally::tokens_max);
}

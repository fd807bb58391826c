// SPDX-License-Identifier: Apache-2.0
#include "token_usage.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace cosmo;
using namespace cosmo::net;

namespace {

uint64_t tokens(const char* reply) {
  return tokens_in(json::parse(reply));
}

} // namespace

TEST_CASE("every provider's count of tokens is read", "[net][token_usage]") {
  CHECK(tokens(R"({"usage":{"prompt_tokens":15,"completion_tokens":2,)"
               R"("total_tokens":17}})")
        == 17);
  CHECK(tokens(R"({"usage":{"prompt_tokens":15,"completion_tokens":2}})")
        == 17);
  CHECK(tokens(R"({"usage":{"input_tokens":8,"output_tokens":4}})") == 12);
  CHECK(tokens(R"({"prompt_eval_count":9,"eval_count":2})") == 11);
}

TEST_CASE("a count that is none is nothing", "[net][token_usage]") {
  CHECK(tokens("{}") == 0);
  CHECK(tokens("[]") == 0);
  CHECK(tokens(R"({"usage":7})") == 0);
  CHECK(tokens(R"({"usage":{"total_tokens":"many"}})") == 0);
  CHECK(tokens(R"({"usage":{"total_tokens":-5}})") == 0);
  CHECK(tokens(R"({"usage":{"total_tokens":1.5}})") == 0);
}

TEST_CASE("counts of a liar do not overflow", "[net][token_usage]") {
  CHECK(tokens(R"({"usage":{"input_tokens":18446744073709551615,)"
               R"("output_tokens":18446744073709551615}})")
        == uint64_t{1} << 63);
}

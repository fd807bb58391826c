// SPDX-License-Identifier: Apache-2.0
#include "support/cosmo_run.hpp"
#include "support/scratch_folder.hpp"
#include <cosmo/json.hpp>
#include <cosmo/schema.hpp>

#include <catch2/catch_test_macros.hpp>

#include <fstream>
#include <iterator>

using namespace cosmo::test;
using cosmo::json;

namespace {

std::string contents(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

} // namespace

TEST_CASE("the schema of Signals is printed as JSON", "[cli][schema]") {
  const auto outcome = run_cosmo({"schema"}, {.out_is_terminal = true});
  CHECK(outcome.code == 0);
  CHECK(outcome.out.starts_with("{\n  \"title\": \"Signal\",\n"));
  CHECK(outcome.out.ends_with("\n}\n"));
  CHECK(json::parse(outcome.out) == cosmo::envelope_schema());
}

TEST_CASE("the types are printed in order", "[cli][schema]") {
  const auto outcome = run_cosmo({"schema", "--types"});
  CHECK(outcome.code == 0);
  CHECK(outcome.out.starts_with("[\n  \"TASK\",\n  \"AGENT_OUTPUT\",\n"));
  CHECK(outcome.out.ends_with("\n  \"AUDIT\"\n]\n"));
  CHECK(json::parse(outcome.out) == cosmo::type_names());
}

TEST_CASE("the schema can be written to a file", "[cli][schema]") {
  const scratch_folder scratch;
  const cosmo_setup here{.folder = scratch.path()};
  std::ofstream{scratch.file("schema.json")} << std::string(100'000, 'x');
  CHECK(run_cosmo({"schema", "--output", "schema.json"}, here)
        == cosmo_outcome{0, "wrote schema.json\n", ""});
  CHECK(contents(scratch.file("schema.json")) == run_cosmo({"schema"}).out);
  const auto elsewhere = scratch.file("types.json");
  CHECK(run_cosmo({"schema", "--types", "-o", elsewhere})
        == cosmo_outcome{0, "wrote " + elsewhere + '\n', ""});
  CHECK(contents(elsewhere) == run_cosmo({"schema", "--types"}).out);
}

TEST_CASE("a full disk is a failure", "[cli][schema]") {
  CHECK(run_cosmo({"schema", "-o", "/dev/full"})
        == cosmo_outcome{
          1, "", "error: cannot write /dev/full: No space left on device\n"});
}

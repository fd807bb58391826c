// SPDX-License-Identifier: Apache-2.0
#include "console.hpp"

#include "support/cosmo_run.hpp"

#include <catch2/catch_test_macros.hpp>

#include <sstream>

using namespace cosmo::test;
using cosmo::cli::console;
using cosmo::cli::exit_code;

namespace {

std::string painted(const cosmo_setup& setup) {
  std::ostringstream out;
  return console{setup.with(out, out)}.paint("31", "x");
}

std::string ruled(std::map<std::string, std::string> variables,
                  size_t columns) {
  std::ostringstream out;
  return console{cosmo_setup{.variables = std::move(variables)}.with(out, out)}
    .rule(columns);
}

} // namespace

TEST_CASE("only a terminal is shown colours, and only if it wants them",
          "[cli][console]") {
  CHECK(painted({.out_is_terminal = true}) == "\x1b[31mx\x1b[0m");
  CHECK(painted({.out_is_terminal = false}) == "x");
  CHECK(painted({.out_is_terminal = true, .variables = {{"NO_COLOR", "1"}}})
        == "x");
  CHECK(painted({.out_is_terminal = true, .variables = {{"NO_COLOR", ""}}})
        == "\x1b[31mx\x1b[0m");
}

TEST_CASE("the rule is a line where the locale has one", "[cli][console]") {
  const std::string line = "\u2500\u2500\u2500";
  CHECK(ruled({{"LANG", "en_US.UTF-8"}}, 3) == line);
  CHECK(ruled({{"LANG", "C.utf8"}}, 3) == line);
  CHECK(ruled({{"LC_CTYPE", "UTF-8"}}, 3) == line);
  CHECK(ruled({}, 3) == "---");
  CHECK(ruled({{"LANG", "C"}}, 3) == "---");
  // The first one that is set decides.
  CHECK(ruled({{"LC_ALL", "C"}, {"LANG", "en_US.UTF-8"}}, 3) == "---");
  CHECK(ruled({{"LC_ALL", "C.UTF-8"}, {"LANG", "C"}}, 3) == line);
  CHECK(ruled({}, 64).size() == 64);
}

TEST_CASE("an error is one line whatever it quotes", "[cli][console]") {
  std::ostringstream out;
  std::ostringstream err;
  const console con{cosmo_setup{}.with(out, err)};
  CHECK(con.fail("no\nsuch\x1b[31mfile") == exit_code::failure);
  CHECK(err.str() == "error: no?such?[31mfile\n");
  CHECK(con.refuse("what?") == exit_code::usage);
  CHECK(err.str() == "error: no?such?[31mfile\nerror: what?\n");
  CHECK(out.str().empty());
}

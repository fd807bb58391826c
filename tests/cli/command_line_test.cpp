// SPDX-License-Identifier: Apache-2.0
#include "command_line.hpp"

#include "support/cosmo_run.hpp"

#include <catch2/catch_test_macros.hpp>

#include <sstream>

using namespace cosmo::cli;
using namespace cosmo::test;

namespace {

/// A program with `bus start a|b [--times N]` and `bus stop`.
struct fixture {
  std::ostringstream out;
  std::ostringstream err;
  std::string transport;
  int times = 1;

  exit_code run(const std::vector<std::string>& args) {
    command_line line;
    auto& bus = line.add_command("bus", "The bus", "run");
    bus.require_subcommand(1);
    auto* start = bus.add_subcommand("start", "Start it");
    one_of(start->add_option("TRANSPORT", transport, "Which"), {"a", "b"})
      ->required();
    start->add_option("--times", times, "How often");
    line.on(*start, [](const console& con) {
      con.out() << "started\n";
      return exit_code::success;
    });
    line.on(*bus.add_subcommand("stop", "Stop it"),
            [](const console& con) { return con.fail("nothing runs"); });
    return line.run(args, console{cosmo_setup{}.with(out, err)});
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "a command below another does what it was told",
                 "[cli][command_line]") {
  CHECK(run({"bus", "start", "b", "--times=3"}) == exit_code::success);
  CHECK(transport == "b");
  CHECK(times == 3);
  CHECK(out.str() == "started\n");
  CHECK(err.str().empty());
}

TEST_CASE_METHOD(fixture, "what an action returns is the exit code",
                 "[cli][command_line]") {
  CHECK(run({"bus", "stop"}) == exit_code::failure);
  CHECK(err.str() == "error: nothing runs\n");
}

TEST_CASE_METHOD(fixture, "nothing is done unless the whole line is understood",
                 "[cli][command_line]") {
  for (const auto& args : std::vector<std::vector<std::string>>{
         {"bus", "start"},
         {"bus", "start", "c"},
         {"bus", "start", "a", "b"},
         {"bus", "start", "a", "--times"},
         {"bus", "start", "a", "--times", "often"},
         {"bus", "start", "a", "--no-such-thing"},
         {"bus", "start", "a", "stop"},
         {"bus", "--times", "1", "start", "a"}}) {
    err.str("");
    CHECK(run(args) == exit_code::usage);
    CHECK(err.str().starts_with("error: "));
  }
  CHECK(out.str().empty());
}

TEST_CASE_METHOD(fixture, "a group needs one of its commands",
                 "[cli][command_line]") {
  CHECK(run({"bus"}) == exit_code::usage);
  CHECK(err.str().ends_with("(see cosmo bus --help)\n"));
  err.str("");
  CHECK(run({"bus", "restart"}) == exit_code::usage);
  CHECK(err.str()
        == "error: No such command 'restart' (see cosmo bus --help)\n");
}

TEST_CASE_METHOD(fixture, "every level has its help", "[cli][command_line]") {
  CHECK(run({"bus", "--help"}) == exit_code::success);
  CHECK(out.str().find("Usage: cosmo bus ") != std::string::npos);
  out.str("");
  CHECK(run({"bus", "start", "--help"}) == exit_code::success);
  CHECK(out.str().find("Usage: cosmo bus start ") != std::string::npos);
  CHECK(out.str().find("TRANSPORT a|b") != std::string::npos);
  CHECK(err.str().empty());
}

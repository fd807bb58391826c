// SPDX-License-Identifier: Apache-2.0
#include "completion_model.hpp"

#include "command_line.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace cosmo::cli;

using words = std::vector<std::string>;

TEST_CASE("completion knows what the command line knows", "[cli][completion]") {
  command_line line;
  auto& bus = line.add_command("bus", "The bus", "run");
  auto* start = bus.add_subcommand("start", "Start it");
  std::string transport;
  std::string order;
  std::string file;
  bool is_quiet = false;
  bool waits = true;
  one_of(start->add_option("TRANSPORT", transport, "Which"), {"a", "b"});
  one_of(start->add_option("-s,--sort", order, "Order"), {"up", "down"});
  start->add_option("--file", file, "Where")
    ->type_name(std::string{path_value});
  start->add_option("--name", file, "Who");
  start->add_flag("--quiet", is_quiet, "Say nothing");
  start->add_flag("--wait,!--no-wait", waits, "Wait");

  const auto model = completion_model(line.root());
  REQUIRE(model.size() == 3);
  CHECK(model[0].path == "cosmo");
  CHECK(model[0].below == words{"bus"});
  CHECK(model[1].path == "cosmo bus");
  CHECK(model[1].description == "The bus");
  CHECK(model[1].below == words{"start"});
  CHECK(model[2].path == "cosmo bus start");
  CHECK(model[2].name == "start");
  REQUIRE(model[2].arguments.size() == 1);
  CHECK(model[2].arguments[0].choices == words{"a", "b"});
  REQUIRE(model[2].options.size() == 6);
  const auto& options = model[2].options;
  CHECK(options[0].names == words{"--help", "-h"});
  CHECK(!options[0].takes_value);
  CHECK(options[1].names == words{"--sort", "-s"});
  CHECK(options[1].choices == words{"up", "down"});
  CHECK(options[1].takes_value);
  CHECK(options[2].takes_path);
  CHECK(!options[3].takes_path);
  CHECK(options[3].takes_value);
  CHECK(options[3].choices.empty());
  CHECK(!options[4].takes_value);
  CHECK(options[5].names == words{"--wait", "--no-wait"});
  CHECK(!options[5].takes_value);
}

TEST_CASE("completion knows the types of Signals", "[cli][completion]") {
  command_line line;
  auto& watch = line.add_command("watch", "Watch", "observe");
  std::string type;
  watch.add_option("--type", type, "Only these")
    ->type_name(std::string{type_value});

  const auto model = completion_model(line.root());
  const auto& choices = model.at(1).options.at(1).choices;
  REQUIRE(choices.size() == 32);
  CHECK(choices.front() == "TASK");
  CHECK(choices.back() == "AUDIT");
}

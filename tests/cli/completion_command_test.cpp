// SPDX-License-Identifier: Apache-2.0
#include "command_line.hpp"
#include "completion_script.hpp"
#include "program.hpp"
#include "support/cosmo_run.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace cosmo::test;

TEST_CASE("every script knows every command and every option",
          "[cli][completion]") {
  cosmo::cli::command_line line;
  cosmo::cli::add_commands(line);
  const auto model = cosmo::cli::completion_model(line.root());
  REQUIRE(model.size() > 4);
  for (const auto* shell : {"bash", "zsh", "fish"}) {
    const auto script = run_cosmo({"completion", shell}).out;
    for (const auto& command : model) {
      INFO(shell << ": " << command.path);
      CHECK(script.find(command.path) != std::string::npos);
      for (const auto& option : command.options)
        for (const auto& name : option.names) {
          const auto bare = name.substr(name.find_first_not_of('-'));
          CHECK(script.find(bare) != std::string::npos);
        }
    }
  }
}

TEST_CASE("how to install a script is said once, or not at all",
          "[cli][completion]") {
  for (const auto* shell : {"bash", "zsh", "fish"}) {
    const auto with_hint = run_cosmo({"completion", shell}).out;
    const auto without = run_cosmo({"completion", shell, "--no-hint"}).out;
    CHECK(with_hint.starts_with("# To install it"));
    CHECK(with_hint.ends_with(without));
    CHECK(!without.starts_with("# To"));
  }
  CHECK(run_cosmo({"completion", "zsh", "--no-hint"})
          .out.starts_with("#compdef cosmo\n"));
}

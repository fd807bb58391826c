// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "program.hpp"

#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace cosmo::test {

/// What a run of the program came to.
struct cosmo_outcome {
  int code = -1;
  std::string out;
  std::string err;

  bool operator==(const cosmo_outcome&) const = default;
};

/// The program's surroundings, as a test wants them.
struct cosmo_setup {
  std::filesystem::path folder = {};
  bool out_is_terminal = false;
  std::map<std::string, std::string> variables = {};
  /// What the person types.
  std::string input = {};
  /// Nobody wants it to end, unless told otherwise.
  std::function<std::shared_ptr<void>(std::function<void()>)> on_interrupt
    = [](const std::function<void()>&) { return std::shared_ptr<void>{}; };

  cli::environment with(std::ostream& out, std::ostream& err,
                        std::istream& in = std::cin) const {
    return {.in = in,
            .out = out,
            .err = err,
            .folder = folder,
            .out_is_terminal = out_is_terminal,
            .variable =
              [all = variables](const std::string& name) {
                const auto i = all.find(name);
                return i != all.end() ? i->second : std::string{};
              },
            .on_interrupt = on_interrupt};
  }
};

/// Runs `cosmo` with these arguments in this process.
inline cosmo_outcome run_cosmo(std::vector<std::string> args,
                               const cosmo_setup& setup = {}) {
  std::ostringstream out;
  std::ostringstream err;
  std::istringstream in{setup.input};
  const auto code = cli::run(std::move(args), setup.with(out, err, in));
  return {code, out.str(), err.str()};
}

} // namespace cosmo::test

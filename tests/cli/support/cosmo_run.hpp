// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "program.hpp"

#include <map>
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

  cli::environment with(std::ostream& out, std::ostream& err) const {
    return {.out = out,
            .err = err,
            .folder = folder,
            .out_is_terminal = out_is_terminal,
            .variable = [all = variables](const std::string& name) {
              const auto i = all.find(name);
              return i != all.end() ? i->second : std::string{};
            }};
  }
};

/// Runs `cosmo` with these arguments in this process.
inline cosmo_outcome run_cosmo(std::vector<std::string> args,
                               const cosmo_setup& setup = {}) {
  std::ostringstream out;
  std::ostringstream err;
  const auto code = cli::run(std::move(args), setup.with(out, err));
  return {code, out.str(), err.str()};
}

} // namespace cosmo::test

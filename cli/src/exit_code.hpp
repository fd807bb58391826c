// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace cosmo::cli {

/// What the program ends with. @source synapse-and-cli.md 9.1
enum class exit_code : int {
  success = 0,
  /// The command was understood and could not be done.
  failure = 1,
  /// The command line cannot be understood; with `dispatch` also: nobody
  /// answered in time.
  usage = 2,
  /// Ctrl-C, where it leaves the work undone.
  interrupted = 130,
};

} // namespace cosmo::cli

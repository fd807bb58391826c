// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/supervision.hpp>

#include <functional>
#include <memory>
#include <vector>

namespace cosmo {

/// Shows in `runtime::tree()`, while it lives, something that is no actor and
/// belongs to no single runtime, such as the thread of an HTTP client. All
/// runtimes of the program show it.
/// @affinity any thread   @source doc/decisions/013-http-pool.md
class tree_entry {
public:
  /// How the thing is now. Must neither block nor make or end entries.
  /// @affinity any thread, one call at a time
  using look = std::function<child_info()>;

  explicit tree_entry(look fn);

  /// Waits for a look under way.
  ~tree_entry();

  tree_entry(const tree_entry&) = delete;
  tree_entry& operator=(const tree_entry&) = delete;

  /// How all of them are, the oldest first.
  static std::vector<child_info> all();

private:
  class book;

  /// Things may outlive whatever is static.
  std::shared_ptr<book> book_;
  const look look_;
};

} // namespace cosmo

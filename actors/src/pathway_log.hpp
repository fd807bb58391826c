// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/error.hpp>
#include <cosmo/role.hpp>
#include <cosmo/signal.hpp>

#include <cstddef>
#include <deque>
#include <limits>
#include <optional>

namespace cosmo::actors {

/// Keeps everything.
inline constexpr size_t no_replay_cap = std::numeric_limits<size_t>::max();

/// @returns ec::bad_argument for a Pathway that could keep nothing.
caf::expected<size_t> read_replay_cap(const std::optional<size_t>& option);

/// What a Pathway remembers, and who has seen it: one log that serves waiting,
/// callbacks with replay, and iteration.
///
/// A plain class: the actor around it owns waiters and timers.
/// @source dendrite.md section 13
class pathway_log {
public:
  explicit pathway_log(scope s, size_t cap = no_replay_cap)
    : scope_(s), cap_(cap) {
    // nop
  }

  /// What a new Signal is to the Pathway.
  struct verdict {
    /// Whether it exists for waits and iteration; callbacks see it regardless.
    bool in_scope;
    /// Whether it ends the Pathway.
    bool closes;
    /// What was forgotten for it before the iteration under way came to it.
    std::optional<signal> missed = {};
  };

  /// Takes a Signal. Nothing once closed.
  std::optional<verdict> append(signal sig);

  /// Marks the newest Signal as taken by a wait.
  void take_newest();

  /// The oldest Signal of these types that no wait has taken; takes it.
  std::optional<signal> take(signal_type_set types);

  /// The next Signal of the iteration, if it is there already.
  std::optional<signal> next();

  /// Signals delivered so far, in order, whatever the scope.
  template <class F>
  void replay(signal_type_set types, F fn) const {
    for (auto& item : items_)
      if (types.contains(item.sig.type()))
        fn(item.sig);
  }

  void close() noexcept {
    closed_ = true;
  }

  bool closed() const noexcept {
    return closed_;
  }

private:
  struct entry {
    signal sig;
    bool in_scope;
    bool taken;
  };

  /// Makes room. @returns what the iteration misses.
  std::optional<signal> forget_one();

  scope scope_;
  size_t cap_;
  bool closed_ = false;
  bool is_read_ = false;
  std::deque<entry> items_;
  size_t next_ = 0;
  // Everything before this position has been taken.
  size_t first_untaken_ = 0;
};

} // namespace cosmo::actors

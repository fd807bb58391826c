// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/actors.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace cosmo {

namespace actors {
class environment;
} // namespace actors

/// The live view of one trace, in three independent shapes: waiting, callbacks
/// and iteration. A cheap handle; the Pathway closes when the last copy goes.
///
/// It keeps every Signal, or the last `replay_cap` if it was opened with one.
/// Beyond that the oldest is forgotten, those that a wait may still come for
/// last, and callbacks that are as far behind miss Signals too. Whatever a
/// reader or a callback misses stands among the dead letters.
/// @affinity any thread that may block   @source dendrite.md section 13
class pathway {
public:
  pathway(opened_pathway opened, std::shared_ptr<actors::environment> env);

  // -- waiting ----------------------------------------------------------------

  /// Waits for AGENT_OUTPUT, CLARIFICATION, PERMISSION, ERROR or FINAL.
  /// @returns ec::timeout or ec::pathway_closed.
  caf::expected<signal> wait(std::chrono::nanoseconds timeout = forever) const;

  /// Waits for one type.
  caf::expected<signal>
  wait_for(signal_type type, std::chrono::nanoseconds timeout = forever) const;

  /// Waits for one of several types, the oldest first.
  caf::expected<signal> wait_for(signal_type_set types,
                                 std::chrono::nanoseconds timeout
                                 = forever) const;

  // -- callbacks --------------------------------------------------------------

  /// Calls `fn` for each Signal of `type`, those delivered before included, one
  /// at a time and off the scheduler. What it throws is logged.
  const pathway& on(signal_type type,
                    std::function<void(const signal&)> fn) const;

  const pathway& on(signal_type_set types,
                    std::function<void(const signal&)> fn) const;

  // -- iteration --------------------------------------------------------------

  /// The next Signal in order, or nothing when the Pathway is closed and read
  /// to its end. Several readers share one sequence.
  std::optional<signal> next() const;

  class iterator {
  public:
    using value_type = signal;
    using difference_type = std::ptrdiff_t;

    iterator() = default;

    explicit iterator(const pathway* source) : source_(source) {
      ++*this;
    }

    const signal& operator*() const {
      return *current_;
    }

    iterator& operator++() {
      current_ = source_->next();
      return *this;
    }

    void operator++(int) {
      ++*this;
    }

    bool operator==(std::default_sentinel_t) const {
      return !current_;
    }

  private:
    const pathway* source_ = nullptr;
    std::optional<signal> current_;
  };

  iterator begin() const {
    return iterator{this};
  }

  std::default_sentinel_t end() const {
    return {};
  }

  // -- properties -------------------------------------------------------------

  /// Fails pending waits with ec::pathway_closed. Signals that arrived stay
  /// readable. Closing twice is fine.
  void close() const;

  bool closed() const;

  const std::string& trace_id() const noexcept;
  const std::optional<std::string>& parent_id() const noexcept;
  /// `originator` or `observer`.
  const std::string& role() const noexcept;
  cosmo::scope scope() const noexcept;

  /// The actor, for code that speaks messages.
  const pathway_actor& handle() const noexcept;

private:
  struct impl;

  std::shared_ptr<impl> impl_;
};

} // namespace cosmo

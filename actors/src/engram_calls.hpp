// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "call_table.hpp"
#include <cosmo/engram_call.hpp>

#include <functional>
#include <optional>
#include <string>

namespace cosmo::actors {

/// The recalls and imprints that wait for Engrams. Each is settled once: by an
/// answer, by its deadline, or by the end of its trace.
///
/// A plain class: Signals, clocks and promises are the owner's business.
/// @source engram.md 7.3 to 7.5
class engram_calls {
public:
  using time_point = caf::actor_clock::time_point;

  /// What hears of one answer of several.
  using recall_heard = std::function<void(recall_result)>;

  /// What an operation is settled with.
  using recall_done = std::function<void(caf::expected<recall_result>)>;
  using imprint_done = std::function<void(caf::expected<imprint_receipt>)>;

  struct call : pending_call {
    recall_mode mode = recall_mode::first;
    recall_heard heard = {};
    /// One of them is set.
    recall_done recalled = {};
    imprint_done imprinted = {};
    /// What has come so far.
    recall_result collected = {};
  };

  /// @param id of the RECALL or IMPRINT.
  void add(const std::string& id, call what) {
    calls_.add(id, std::move(what));
  }

  size_t size() const noexcept {
    return calls_.size();
  }

  /// Takes a RECALLED or IMPRINTED; one that nobody here waits for, or that is
  /// not from whom was asked, is ignored.
  void take(const signal& reply);

  /// The trace has ended.
  void end(const std::string& trace_id);

  /// Everything ends.
  void end_all();

  std::optional<time_point> next_deadline() const {
    return calls_.next_deadline();
  }

  void expire(time_point now);

private:
  /// Answers with what has come, or with this.
  static void settle(call what, caf::error otherwise);

  call_table<call> calls_;
};

} // namespace cosmo::actors

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/engram_call.hpp>
#include <cosmo/signal.hpp>

#include <caf/actor_clock.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

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

  struct call {
    std::string trace_id;
    /// Who was asked: an id, or else a kind.
    std::string engram_id;
    std::string engram_kind;
    std::optional<time_point> deadline = {};
    recall_mode mode = recall_mode::first;
    recall_heard heard = {};
    /// One of them is set.
    recall_done recalled = {};
    imprint_done imprinted = {};
    /// What has come so far.
    recall_result collected = {};
  };

  /// @param id of the RECALL or IMPRINT.
  void add(const std::string& id, call what);

  /// Removes one without settling it.
  void remove(const std::string& id);

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

  std::optional<time_point> next_deadline() const;

  void expire(time_point now);

private:
  using calls = std::unordered_map<std::string, call>;

  call extract(calls::iterator i);
  /// Answers with what has come, or with this.
  static void settle(call what, caf::error otherwise);

  calls calls_;
  std::unordered_multimap<std::string, std::string> of_trace_;
  std::set<std::pair<time_point, std::string>> deadlines_;
};

} // namespace cosmo::actors

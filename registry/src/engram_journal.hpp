// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engram_core.hpp"
#include "engram_fences.hpp"

#include <optional>
#include <string>
#include <vector>

namespace cosmo::registry {

/// The traces of an Engram: what they have written, how long that can be
/// undone, and which of them are stopped. @source engram.md 9.2, 9.5, 9.6
class engram_journal {
public:
  explicit engram_journal(engram_core& core) : core_(core) {
    // nop
  }

  /// What is known of a trace; one that nobody has seen is rolled back.
  trace_row find(const std::string& trace_id);

  /// Whether a write of that trace comes too late.
  bool bars(const trace_row& trace, timestamp sent_at) const;

  /// @returns why one more write of the trace would be too much, empty if not.
  std::string admit(const trace_row& trace);

  /// Notes a write. @pre `admit` had nothing against it.
  void record(trace_row& trace, const journal_record& what);

  /// Lets late writes of a trace without journal be refused.
  void bar(const rollback_order& order);

  // -- calls of their own -------------------------------------------------------

  void commit(const std::string& trace_id);

  void mark_failed(const std::string& trace_id);

  std::vector<rollback_order> unfinished();

  /// Commits what nobody has written to for long, forgets who was stopped long
  /// ago. Inside of a transaction.
  /// @returns how many traces.
  size_t sweep();

private:
  /// Keeps what the trace has written.
  void close(trace_row trace);

  /// Inside of a transaction. @returns how many traces.
  size_t expire();

  bool has_room();

  engram_core& core_;
  engram_fences fences_;
  /// No fewer than the open traces, so that they are rarely counted.
  std::optional<size_t> open_at_most_;
};

} // namespace cosmo::registry

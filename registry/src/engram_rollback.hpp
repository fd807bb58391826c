// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engram_core.hpp"
#include "engram_journal.hpp"

#include <string>

namespace cosmo::registry {

/// Undoes what traces have written. @source engram.md 9.3, 9.4, 9.6
class engram_rollback {
public:
  /// Writes that are undone in one transaction.
  static constexpr size_t batch = 256;

  engram_rollback(engram_core& core, engram_journal& journal)
    : core_(core), journal_(journal) {
    // nop
  }

  /// One step, which is one transaction: the first one makes it known that the
  /// trace is rolled back, each further one undoes a batch.
  rollback_report compensate(const rollback_order& order);

  /// All that is left of a rollback. Inside of a transaction.
  void finish(trace_row& trace);

private:
  rollback_report step(const rollback_order& order);

  void begin(trace_row& trace, const rollback_order& order);

  void undo_some(trace_row& trace);

  void undo(const journal_record& record, trace_row& trace);

  void restore(const journal_record& record,
               const std::optional<engram_row>& present);

  engram_core& core_;
  engram_journal& journal_;
};

} // namespace cosmo::registry

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engram_change.hpp"
#include "engram_core.hpp"
#include "engram_journal.hpp"
#include "engram_rollback.hpp"
#include <cosmo/engram_backend.hpp>
#include <cosmo/engram_options.hpp>

#include <string>
#include <vector>

namespace cosmo::registry {

/// A stock Engram over any storage: what `engram_backend` promises, but for
/// what the storage throws.
class engram_engine {
public:
  engram_engine(engram_description about, engram_rules rules,
                engram_storage& storage, world outside,
                engram_journal_counts& counts);

  engram_engine(const engram_engine&) = delete;
  engram_engine& operator=(const engram_engine&) = delete;

  recall_finds recall(const recall_request& what);

  std::vector<imprint_receipt>
  imprint(const std::vector<imprint_request>& writes);

  rollback_report compensate(const rollback_order& order) {
    return rollback_.compensate(order);
  }

  void commit(const std::string& trace_id) {
    journal_.commit(trace_id);
  }

  void mark_failed(const std::string& trace_id) {
    journal_.mark_failed(trace_id);
  }

  std::vector<rollback_order> unfinished() {
    return journal_.unfinished();
  }

  size_t sweep();

  engram_journal_counts counts();

private:
  imprint_receipt imprint_one(const imprint_request& what);

  /// Leaves in `receipt` what became of it.
  void write(const imprint_request& what, imprint_receipt& receipt);

  void keep(const imprint_request& what, const engram_change& change,
            trace_row* trace);

  engram_core core_;
  engram_journal journal_{core_};
  engram_rollback rollback_{core_, journal_};
};

} // namespace cosmo::registry

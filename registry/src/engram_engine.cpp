// SPDX-License-Identifier: Apache-2.0
#include "engram_engine.hpp"

#include "engram_query.hpp"
#include "engram_time.hpp"

#include <algorithm>
#include <utility>

namespace cosmo::registry {

engram_engine::engram_engine(engram_description about, engram_rules rules,
                             engram_storage& storage, world outside,
                             engram_journal_counts& counts)
  : core_{.about = std::move(about),
          .rules = rules,
          .storage = storage,
          .outside = std::move(outside),
          .counts = counts} {
  // nop
}

recall_finds engram_engine::recall(const recall_request& what) {
  const engram_query query{
    what, core_.rules.limits.top_k, [this](std::string_view key) {
      core_.warn("odd-query", key, "is not understood and left out");
    }};
  best_hits best{query.top_k()};
  core_.storage.scan(query.range(), [&](engram_row row) {
    if (!row.damage.empty())
      core_.warn("unreadable-entry", row.id, "cannot be read: " + row.damage);
    else if (const auto score = query.score(row))
      best.add(std::move(row), *score);
    return !(query.ranks_by_age() && best.full());
  });
  return best.take();
}

std::vector<imprint_receipt>
engram_engine::imprint(const std::vector<imprint_request>& writes) {
  std::vector<imprint_receipt> result;
  if (writes.empty())
    return result;
  result.reserve(writes.size());
  core_.transact([&] {
    for (const auto& what : writes)
      result.push_back(imprint_one(what));
  });
  return result;
}

imprint_receipt engram_engine::imprint_one(const imprint_request& what) {
  const imprint_receipt blank{.engram_id = core_.about.engram_id,
                              .op = what.op};
  auto result = blank;
  if (!what.imprint_id.empty()) {
    if (auto id = core_.storage.find_mark(what.imprint_id)) {
      const auto row = core_.storage.find(*id);
      if (row && row->live())
        result.version = row->image.version;
      result.id = std::move(*id);
      ++core_.counts.replays;
      return result;
    }
  }
  if (auto why = core_.attempt([&] { write(what, result); }); !why.empty()) {
    result = blank;
    result.error = refusal("engram_exception", why);
  }
  return result;
}

void engram_engine::write(const imprint_request& what,
                          imprint_receipt& receipt) {
  std::optional<trace_row> trace;
  if (!what.trace_id.empty()) {
    trace = journal_.find(what.trace_id);
    if (journal_.bars(*trace, what.sent_at)) {
      receipt.error = refusal("trace_stopped",
                              what.trace_id + " was stopped with rollback");
      return;
    }
    // What comes after a rollback must not be undone by it.
    rollback_.finish(*trace);
  }
  auto change = work_out(core_, what);
  if (change.refused.empty() && change.made && trace)
    change.refused = journal_.admit(*trace);
  if (!change.refused.empty()) {
    receipt.error = std::move(change.refused);
    return;
  }
  if (!change.made)
    return;
  change.made->rev = core_.storage.next_rev();
  keep(what, change, trace ? &*trace : nullptr);
  receipt.id = change.made->id;
  if (change.made->live())
    receipt.version = change.made->image.version;
}

void engram_engine::keep(const imprint_request& what,
                         const engram_change& change, trace_row* trace) {
  const auto& made = *change.made;
  core_.storage.put(made);
  if (trace) {
    journal_record record{.trace_id = what.trace_id,
                          .imprint_id = what.imprint_id,
                          .op = what.op,
                          .entry_id = made.id,
                          .after_rev = made.rev,
                          .at = made.updated_at};
    if (change.found) {
      record.before_rev = change.found->rev;
      if (change.found->live())
        record.before = change.found->image;
    }
    journal_.record(*trace, record);
  }
  if (!what.imprint_id.empty())
    core_.storage.put_mark(what.imprint_id, made.id, made.updated_at);
}

size_t engram_engine::sweep() {
  const auto& rules = core_.rules;
  const auto now = core_.now();
  size_t result = 0;
  core_.transact([&] {
    result = journal_.sweep();
    result += core_.storage.forget_marks(
      {.expired_before = earlier(now, std::max(rules.seen_ttl, rules.saga_ttl)),
       .kept = rules.limits.seen_marks,
       .protected_from = earlier(now, rules.saga_ttl)});
    result
      += core_.storage.forget_tombstones(earlier(now, rules.tombstone_ttl));
    core_.counts.swept += result;
  });
  core_.storage.tidy();
  return result;
}

engram_journal_counts engram_engine::counts() {
  auto result = core_.counts;
  result.open_traces = core_.storage.count_traces(trace_state::open);
  result.journal_records = core_.storage.count_records();
  return result;
}

} // namespace cosmo::registry

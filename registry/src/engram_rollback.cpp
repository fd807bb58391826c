// SPDX-License-Identifier: Apache-2.0
#include "engram_rollback.hpp"

#include <cosmo/log.hpp>

#include <algorithm>

namespace cosmo::registry {

namespace {

rollback_report report_of(const trace_row& trace) {
  return {.compensated = trace.compensated,
          .conflicts = trace.conflicts,
          .failed = trace.failed,
          .done = trace.state != trace_state::rolling_back};
}

} // namespace

rollback_report engram_rollback::compensate(const rollback_order& given) {
  auto order = given;
  order.stopped_at = std::clamp(order.stopped_at, timestamp_min, timestamp_max);
  if (!core_.storage.find_trace(order.trace_id)) {
    journal_.bar(order);
    return {};
  }
  rollback_report result;
  core_.transact([&] { result = step(order); });
  return result;
}

rollback_report engram_rollback::step(const rollback_order& order) {
  auto trace = journal_.find(order.trace_id);
  const auto is_repeated = trace.stop_id == order.stop_id;
  switch (trace.state) {
    case trace_state::open:
      if (is_repeated)
        return report_of(trace);
      begin(trace, order);
      return report_of(trace);
    case trace_state::rolling_back:
      // The first STOP counts.
      if (!is_repeated)
        return {};
      undo_some(trace);
      return report_of(trace);
    default:
      if (is_repeated)
        return report_of(trace);
      // Nothing to undo, but what is late from now on is later than before.
      trace.stop_ts = std::max(trace.stop_ts, order.stopped_at);
      trace.closed_at = core_.now();
      trace.touched_at = core_.now();
      core_.storage.put_trace(trace);
      return {};
  }
}

void engram_rollback::finish(trace_row& trace) {
  while (trace.state == trace_state::rolling_back)
    undo_some(trace);
}

void engram_rollback::begin(trace_row& trace, const rollback_order& order) {
  trace.state = trace_state::rolling_back;
  trace.stop_ts = trace.stop_id ? std::max(trace.stop_ts, order.stopped_at)
                                : order.stopped_at;
  trace.stop_id = order.stop_id;
  trace.compensated = 0;
  trace.conflicts = 0;
  trace.failed = 0;
  trace.touched_at = core_.now();
  core_.storage.put_trace(trace);
}

void engram_rollback::undo_some(trace_row& trace) {
  const auto records = core_.storage.newest_records(trace.trace_id, batch + 1);
  const auto count = std::min(records.size(), batch);
  for (size_t i = 0; i < count; ++i)
    undo(records[i], trace);
  trace.op_count -= std::min(count, trace.op_count);
  trace.touched_at = core_.now();
  if (records.size() <= batch) {
    trace.state = trace_state::rolled_back;
    trace.op_count = 0;
    trace.closed_at = trace.touched_at;
  }
  core_.storage.put_trace(trace);
}

void engram_rollback::undo(const journal_record& record, trace_row& trace) {
  const auto present = core_.storage.find(record.entry_id);
  const auto matches
    = present ? present->rev == record.after_rev : record.op == "delete";
  if (!record.damage.empty()) {
    ++trace.failed;
    ++core_.counts.failed;
    log::error("engram", "undo-failed",
               core_.about.engram_id + ": a write of " + trace.trace_id
                 + " cannot be undone, its record is damaged: "
                 + record.damage);
  } else if (!matches && core_.rules.on_conflict == rollback_conflict::skip) {
    ++trace.conflicts;
    ++core_.counts.conflicts;
    core_.counts.spliced += core_.storage.splice(record);
  } else {
    ++trace.compensated;
    ++core_.counts.compensated;
    restore(record, present);
  }
  core_.storage.drop_record(record);
}

void engram_rollback::restore(const journal_record& record,
                              const std::optional<engram_row>& present) {
  const auto now = core_.now();
  if (record.before) {
    engram_row row{.id = record.entry_id,
                   .image = *record.before,
                   .updated_at = now,
                   .rev = record.before_rev};
    // Whoever has seen a version sees no lower one.
    if (present)
      row.image.version = std::max(row.image.version, present->image.version);
    row.image.version = next_version(row.image.version);
    core_.storage.put(row);
  } else if (present && record.before_rev > 0) {
    // The entry had been deleted before. Its tombstone comes back, so that the
    // one who deleted it can still be rolled back.
    core_.storage.put({.id = record.entry_id,
                       .image = {.created_at = now},
                       .updated_at = now,
                       .deleted_at = now,
                       .rev = record.before_rev});
  } else {
    core_.storage.remove(record.entry_id);
  }
}

} // namespace cosmo::registry

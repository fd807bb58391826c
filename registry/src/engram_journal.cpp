// SPDX-License-Identifier: Apache-2.0
#include "engram_journal.hpp"

#include "engram_time.hpp"
#include <cosmo/log.hpp>

#include <algorithm>
#include <utility>

namespace cosmo::registry {

namespace {

/// How long it is known at least that a trace was rolled back.
constexpr std::chrono::milliseconds closed_ttl = std::chrono::hours{24};

} // namespace

trace_row engram_journal::find(const std::string& trace_id) {
  if (auto known = core_.storage.find_trace(trace_id))
    return *known;
  trace_row result{.trace_id = trace_id, .state = trace_state::rolled_back};
  if (const auto* fence = fences_.find(trace_id)) {
    result.stop_id = fence->stop_id;
    result.stop_ts = fence->stopped_at;
    result.closed_at = fence->since;
  }
  return result;
}

bool engram_journal::bars(const trace_row& trace, timestamp sent_at) const {
  const auto& rules = core_.rules;
  if (!trace.stop_id || rules.stop_fence.count() == 0)
    return false;
  const auto in_time
    = trace.state == trace_state::rolling_back
      || (trace.closed_at
          && core_.now() < later(*trace.closed_at, rules.stop_fence));
  return in_time
         && (rules.strict_fence
             || sent_at <= later(trace.stop_ts, rules.stop_skew));
}

std::string engram_journal::admit(const trace_row& trace) {
  const auto& limits = core_.rules.limits;
  if (trace.state != trace_state::open && !has_room())
    return refusal("engram_overloaded",
                   std::to_string(limits.open_traces) + " traces are open");
  if (trace.op_count >= limits.journal_records)
    return refusal("engram_overloaded", "the trace has made "
                                          + std::to_string(trace.op_count)
                                          + " writes");
  return {};
}

bool engram_journal::has_room() {
  const auto most = core_.rules.limits.open_traces;
  if (open_at_most_ && *open_at_most_ < most)
    return true;
  open_at_most_ = core_.storage.count_traces(trace_state::open);
  if (*open_at_most_ < most)
    return true;
  const auto expired = expire();
  core_.counts.swept += expired;
  *open_at_most_ -= std::min(expired, *open_at_most_);
  return *open_at_most_ < most;
}

void engram_journal::record(trace_row& trace, const journal_record& what) {
  if (trace.state != trace_state::open) {
    trace.state = trace_state::open;
    trace.opened_at = what.at;
    trace.op_count = 0;
    trace.failed_seen = false;
    if (open_at_most_)
      ++*open_at_most_;
  }
  ++trace.op_count;
  trace.touched_at = what.at;
  core_.storage.add_record(what);
  core_.storage.put_trace(trace);
}

void engram_journal::bar(const rollback_order& order) {
  if (core_.rules.stop_fence.count() > 0)
    fences_.put(order.trace_id, {.stop_id = order.stop_id,
                                 .stopped_at = order.stopped_at,
                                 .since = core_.now()});
}

void engram_journal::commit(const std::string& trace_id) {
  auto trace = core_.storage.find_trace(trace_id);
  // A rollback that has begun is finished.
  if (!trace || trace->state != trace_state::open)
    return;
  core_.transact([&] { close(std::move(*trace)); });
}

void engram_journal::mark_failed(const std::string& trace_id) {
  auto trace = core_.storage.find_trace(trace_id);
  if (!trace || trace->state != trace_state::open || trace->failed_seen)
    return;
  trace->failed_seen = true;
  core_.transact([&] { core_.storage.put_trace(*trace); });
}

std::vector<rollback_order> engram_journal::unfinished() {
  std::vector<rollback_order> result;
  for (auto& trace :
       core_.storage.list_traces(trace_state::rolling_back, timestamp::max()))
    result.push_back({.trace_id = std::move(trace.trace_id),
                      .stop_id = trace.stop_id.value_or(""),
                      .stopped_at = trace.stop_ts});
  return result;
}

void engram_journal::close(trace_row trace) {
  core_.storage.drop_records(trace.trace_id);
  if (!trace.stop_id) {
    core_.storage.drop_trace(trace.trace_id);
    return;
  }
  // It was stopped before; late writes and the same STOP can still come.
  trace.state = trace_state::rolled_back;
  trace.op_count = 0;
  core_.storage.put_trace(trace);
}

size_t engram_journal::expire() {
  auto idle = core_.storage.list_traces(
    trace_state::open, earlier(core_.now(), core_.rules.saga_ttl));
  for (auto& trace : idle) {
    if (trace.failed_seen)
      log::warning("engram", "failed-trace-kept",
                   core_.about.engram_id + ": nobody has rolled back "
                     + trace.trace_id + " in time");
    close(std::move(trace));
  }
  return idle.size();
}

size_t engram_journal::sweep() {
  auto result = expire();
  const auto now = core_.now();
  const auto& fence = core_.rules.stop_fence;
  for (const auto& trace : core_.storage.list_traces(
         trace_state::rolled_back, earlier(now, std::max(fence, closed_ttl)))) {
    core_.storage.drop_trace(trace.trace_id);
    ++result;
  }
  return result + fences_.forget(earlier(now, fence));
}

} // namespace cosmo::registry

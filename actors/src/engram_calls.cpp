// SPDX-License-Identifier: Apache-2.0
#include "engram_calls.hpp"

#include <algorithm>

namespace cosmo::actors {

namespace {

/// Reads hits as leniently as they may have been written.
/// @source engram.md 4.2
std::vector<engram_hit> read_hits(const json& hits) {
  std::vector<engram_hit> result;
  for (auto& hit : hits) {
    if (!hit.is_object())
      continue;
    engram_hit x;
    if (auto id = hit.find("id"); id != hit.end())
      x.id = id->is_string() ? id->get<std::string>() : id->dump();
    if (auto score = hit.find("score");
        score != hit.end() && score->is_number())
      x.score = score->get<double>();
    if (auto entry = hit.find("entry"); entry != hit.end())
      x.entry = entry->is_object() ? *entry : json{{"value", *entry}};
    result.push_back(std::move(x));
  }
  return result;
}

imprint_receipt read_receipt(const payload::imprinted& what) {
  return {what.engram_id, what.op,      what.id,
          what.version,   what.took_ms, what.error};
}

} // namespace

void engram_calls::add(const std::string& id, call what) {
  if (what.deadline)
    deadlines_.emplace(*what.deadline, id);
  of_trace_.emplace(what.trace_id, id);
  calls_.emplace(id, std::move(what));
}

void engram_calls::remove(const std::string& id) {
  if (auto i = calls_.find(id); i != calls_.end())
    extract(i);
}

engram_calls::call engram_calls::extract(calls::iterator i) {
  auto& [id, what] = *i;
  if (what.deadline)
    deadlines_.erase({*what.deadline, id});
  auto [first, last] = of_trace_.equal_range(what.trace_id);
  of_trace_.erase(
    std::find_if(first, last, [&](auto& kv) { return kv.second == i->first; }));
  auto result = std::move(what);
  calls_.erase(i);
  return result;
}

void engram_calls::take(const signal& reply) {
  if (!reply.parent_id())
    return;
  auto i = calls_.find(*reply.parent_id());
  if (i == calls_.end() || i->second.trace_id != reply.trace_id())
    return;
  auto& what = i->second;
  auto& from = reply.directed();
  auto meant = what.engram_id.empty()
                 ? from && from->has_type() && *from->type == what.engram_kind
                 : reply.directed_id() == what.engram_id;
  if (!meant)
    return;
  if (auto written = reply.get_if<payload::imprinted>();
      written && what.imprinted) {
    extract(i).imprinted(read_receipt(*written));
    return;
  }
  auto found = reply.get_if<payload::recalled>();
  if (!found || !what.recalled)
    return;
  recall_result part{.hits = read_hits(found->hits),
                     .engram_ids = {found->engram_id},
                     .truncated = found->truncated,
                     .took_ms = found->took_ms,
                     .error = found->error};
  if (what.heard)
    what.heard(part);
  auto& to = what.collected;
  to.hits.insert(to.hits.end(), std::make_move_iterator(part.hits.begin()),
                 std::make_move_iterator(part.hits.end()));
  to.truncated |= part.truncated;
  // Whoever collects does without one that refused.
  if (!part.error || what.mode == recall_mode::first)
    to.engram_ids.push_back(found->engram_id);
  if (!to.error)
    to.error = part.error;
  if (what.mode == recall_mode::first) {
    to.took_ms = found->took_ms;
    settle(extract(i), {});
  }
}

void engram_calls::settle(call what, caf::error otherwise) {
  if (what.imprinted)
    return what.imprinted(std::move(otherwise));
  auto& result = what.collected;
  if (otherwise && result.engram_ids.empty())
    return what.recalled(std::move(otherwise));
  if (what.mode != recall_mode::first)
    std::ranges::stable_sort(result.hits, std::greater<>{}, &engram_hit::score);
  what.recalled(std::move(result));
}

void engram_calls::end(const std::string& trace_id) {
  while (true) {
    auto i = of_trace_.find(trace_id);
    if (i == of_trace_.end())
      return;
    settle(
      extract(calls_.find(i->second)),
      make_error(ec::engram_cancelled, "the trace has ended: " + trace_id));
  }
}

void engram_calls::end_all() {
  while (!calls_.empty())
    settle(extract(calls_.begin()),
           make_error(ec::engram_cancelled, "the Dendrite has stopped"));
}

std::optional<engram_calls::time_point> engram_calls::next_deadline() const {
  if (deadlines_.empty())
    return std::nullopt;
  return deadlines_.begin()->first;
}

void engram_calls::expire(time_point now) {
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    auto what = extract(calls_.find(deadlines_.begin()->second));
    auto address = what.engram_id.empty() ? what.engram_kind : what.engram_id;
    // Whoever collects has waited for just this.
    auto late
      = what.recalled && what.mode != recall_mode::first
          ? caf::error{}
          : make_error(ec::engram_timeout, "no answer in time from " + address);
    settle(std::move(what), std::move(late));
  }
}

} // namespace cosmo::actors

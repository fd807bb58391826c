// SPDX-License-Identifier: Apache-2.0
#include "memory_engram_storage.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace cosmo::registry {

// -- units of work ------------------------------------------------------------

void memory_engram_storage::transact(const std::function<void()>& work) {
  work();
}

std::string memory_engram_storage::attempt(const std::function<void()>& work) {
  work();
  return {};
}

int64_t memory_engram_storage::next_rev() {
  return ++last_rev_;
}

// -- entries ------------------------------------------------------------------

std::optional<engram_row> memory_engram_storage::find(const std::string& id) {
  const auto i = rows_.find(id);
  return i == rows_.end() ? std::nullopt : std::optional{i->second};
}

std::optional<engram_row>
memory_engram_storage::current(const std::string& merge_key) {
  const auto i = by_key_.find(merge_key);
  if (i == by_key_.end())
    return std::nullopt;
  return rows_.at(by_rev_.at(*i->second.begin()));
}

void memory_engram_storage::scan(const entry_range& which,
                                 const std::function<bool(engram_row)>& fn) {
  if (!which.merge_key) {
    for (const auto& [rev, id] : by_rev_)
      if (!fn(rows_.at(id)))
        return;
    return;
  }
  const auto i = by_key_.find(*which.merge_key);
  if (i == by_key_.end())
    return;
  for (const auto rev : i->second)
    if (!fn(rows_.at(by_rev_.at(rev))))
      return;
}

void memory_engram_storage::put(const engram_row& row) {
  const auto [i, is_new] = rows_.try_emplace(row.id, row);
  if (!is_new) {
    leave(i->second);
    i->second = row;
  }
  enter(row);
}

void memory_engram_storage::remove(const std::string& id) {
  const auto i = rows_.find(id);
  if (i == rows_.end())
    return;
  leave(i->second);
  rows_.erase(i);
}

void memory_engram_storage::enter(const engram_row& row) {
  if (!row.live())
    return;
  by_rev_.emplace(row.rev, row.id);
  if (row.image.merge_key)
    by_key_[*row.image.merge_key].insert(row.rev);
}

void memory_engram_storage::leave(const engram_row& row) {
  if (!row.live())
    return;
  by_rev_.erase(row.rev);
  if (!row.image.merge_key)
    return;
  const auto i = by_key_.find(*row.image.merge_key);
  i->second.erase(row.rev);
  if (i->second.empty())
    by_key_.erase(i);
}

size_t memory_engram_storage::forget_tombstones(timestamp deleted_before) {
  return std::erase_if(rows_, [deleted_before](const auto& entry) {
    const auto& deleted_at = entry.second.deleted_at;
    return deleted_at && *deleted_at < deleted_before;
  });
}

// -- journals -----------------------------------------------------------------

void memory_engram_storage::add_record(const journal_record& record) {
  auto& own = records_[record.trace_id].emplace_back(record);
  own.seq = ++last_seq_;
}

std::vector<journal_record>
memory_engram_storage::newest_records(const std::string& trace_id,
                                      size_t count) {
  std::vector<journal_record> result;
  const auto i = records_.find(trace_id);
  if (i == records_.end())
    return result;
  const auto& all = i->second;
  std::copy_n(all.rbegin(), std::min(count, all.size()),
              std::back_inserter(result));
  return result;
}

void memory_engram_storage::drop_record(const journal_record& record) {
  const auto i = records_.find(record.trace_id);
  if (i == records_.end())
    return;
  auto& all = i->second;
  const auto place
    = std::ranges::lower_bound(all, record.seq, {}, &journal_record::seq);
  if (place != all.end() && place->seq == record.seq)
    all.erase(place);
  if (all.empty())
    records_.erase(i);
}

void memory_engram_storage::drop_records(const std::string& trace_id) {
  records_.erase(trace_id);
}

size_t memory_engram_storage::splice(const journal_record& undone) {
  // Conflicts are rare, so that an index would cost more than it saves.
  for (auto& [trace_id, records] : records_)
    for (auto& record : records)
      if (record.entry_id == undone.entry_id
          && record.before_rev == undone.after_rev) {
        record.before = undone.before;
        record.before_rev = undone.before_rev;
        return 1;
      }
  return 0;
}

size_t memory_engram_storage::count_records() {
  size_t result = 0;
  for (const auto& [trace_id, records] : records_)
    result += records.size();
  return result;
}

// -- traces -------------------------------------------------------------------

std::optional<trace_row>
memory_engram_storage::find_trace(const std::string& trace_id) {
  const auto i = traces_.find(trace_id);
  return i == traces_.end() ? std::nullopt : std::optional{i->second};
}

void memory_engram_storage::put_trace(const trace_row& row) {
  traces_.insert_or_assign(row.trace_id, row);
}

void memory_engram_storage::drop_trace(const std::string& trace_id) {
  traces_.erase(trace_id);
}

size_t memory_engram_storage::count_traces(trace_state state) {
  return static_cast<size_t>(
    std::ranges::count_if(traces_, [state](const auto& entry) {
      return entry.second.state == state;
    }));
}

std::vector<trace_row>
memory_engram_storage::list_traces(trace_state state,
                                   timestamp touched_before) {
  std::vector<trace_row> result;
  for (const auto& [trace_id, row] : traces_)
    if (row.state == state && row.touched_at < touched_before)
      result.push_back(row);
  std::ranges::sort(result, {}, [](const trace_row& row) {
    return std::pair{row.touched_at, row.trace_id};
  });
  return result;
}

// -- marks of writes ----------------------------------------------------------

std::optional<std::string>
memory_engram_storage::find_mark(const std::string& imprint_id) {
  const auto i = marks_.find(imprint_id);
  return i == marks_.end() ? std::nullopt : std::optional{i->second};
}

void memory_engram_storage::put_mark(const std::string& imprint_id,
                                     const std::string& entry_id,
                                     timestamp at) {
  marks_.insert_or_assign(imprint_id, entry_id);
  mark_order_.push_back({imprint_id, at});
}

size_t memory_engram_storage::forget_marks(const mark_bounds& bounds) {
  size_t result = 0;
  const auto superfluous = [&bounds, this] {
    const auto at = mark_order_.front().at;
    return at < bounds.expired_before
           || (mark_order_.size() > bounds.kept && at < bounds.protected_from);
  };
  while (!mark_order_.empty() && superfluous()) {
    marks_.erase(mark_order_.front().imprint_id);
    mark_order_.pop_front();
    ++result;
  }
  return result;
}

// -- housekeeping -------------------------------------------------------------

void memory_engram_storage::tidy() {
  // nop
}

} // namespace cosmo::registry

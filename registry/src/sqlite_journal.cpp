// SPDX-License-Identifier: Apache-2.0
#include "sqlite_journal.hpp"

#include "engram_text.hpp"
#include "sqlite_use.hpp"

#include <algorithm>

namespace cosmo::registry {

namespace {

constexpr auto add_text
  = "INSERT INTO engram_saga (trace_id, imprint_id, op, entry_id, "
    "before_json, before_rev, after_rev, at) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";

constexpr auto newest_text
  = "SELECT seq, imprint_id, op, entry_id, before_json, before_rev, after_rev "
    "FROM engram_saga WHERE trace_id = ?1 ORDER BY seq DESC LIMIT ?2";

constexpr auto drop_one_text = "DELETE FROM engram_saga WHERE seq = ?1";

constexpr auto drop_all_text = "DELETE FROM engram_saga WHERE trace_id = ?1";

constexpr auto splice_text
  = "UPDATE engram_saga SET before_json = ?3, before_rev = ?4 "
    "WHERE entry_id = ?1 AND before_rev = ?2";

constexpr auto count_records_text = "SELECT count(*) FROM engram_saga";

#define COLUMNS                                                                \
  "trace_id, state, stop_id, stop_ts, op_count, compensated, conflicts, "      \
  "failed, failed_seen, opened_at, touched_at, closed_at"

constexpr auto find_text
  = "SELECT " COLUMNS " FROM engram_saga_trace WHERE trace_id = ?1";

constexpr auto put_text
  = "INSERT INTO engram_saga_trace (" COLUMNS ") "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) "
    "ON CONFLICT (trace_id) DO UPDATE SET state = ?2, stop_id = ?3, "
    "stop_ts = ?4, op_count = ?5, compensated = ?6, conflicts = ?7, "
    "failed = ?8, failed_seen = ?9, opened_at = ?10, touched_at = ?11, "
    "closed_at = ?12";

constexpr auto drop_text = "DELETE FROM engram_saga_trace WHERE trace_id = ?1";

constexpr auto count_text
  = "SELECT count(*) FROM engram_saga_trace WHERE state = ?1";

constexpr auto list_text
  = "SELECT " COLUMNS " FROM engram_saga_trace WHERE state = ?1 "
    "AND touched_at < ?2 ORDER BY touched_at, trace_id";

#undef COLUMNS

/// Nothing if there is none, or none that can be read.
std::optional<timestamp> instant_of(const SQLite::Column& column) {
  if (column.isNull())
    return std::nullopt;
  auto parsed = parse_timestamp(text_of(column));
  return parsed ? std::optional{*parsed} : std::nullopt;
}

std::optional<std::string> text_of_instant(std::optional<timestamp> instant) {
  return instant ? std::optional{stored_instant(*instant)} : std::nullopt;
}

size_t count_of(const SQLite::Column& column) {
  return static_cast<size_t>(std::max<int64_t>(column.getInt64(), 0));
}

int64_t number_of(size_t count) {
  return static_cast<int64_t>(count);
}

journal_record read_record(const SQLite::Statement& at,
                           const std::string& trace_id) {
  journal_record result{.seq = at.getColumn(0).getInt64(),
                        .trace_id = trace_id,
                        .imprint_id = text_of(at.getColumn(1)),
                        .op = text_of(at.getColumn(2)),
                        .entry_id = text_of(at.getColumn(3)),
                        .before_rev = at.getColumn(5).getInt64(),
                        .after_rev = at.getColumn(6).getInt64()};
  if (const auto before = at.getColumn(4); !before.isNull())
    result.damage = image_from_text(text_of(before), result.before.emplace());
  return result;
}

trace_row read_trace(const SQLite::Statement& at) {
  return {.trace_id = text_of(at.getColumn(0)),
          .state = to_trace_state(text_of(at.getColumn(1))),
          .stop_id = optional_text_of(at.getColumn(2)),
          .stop_ts = instant_of(at.getColumn(3)).value_or(timestamp{}),
          .op_count = count_of(at.getColumn(4)),
          .compensated = count_of(at.getColumn(5)),
          .conflicts = count_of(at.getColumn(6)),
          .failed = count_of(at.getColumn(7)),
          .failed_seen = at.getColumn(8).getInt() != 0,
          .opened_at = instant_of(at.getColumn(9)).value_or(timestamp{}),
          .touched_at = instant_of(at.getColumn(10)).value_or(timestamp{}),
          .closed_at = instant_of(at.getColumn(11))};
}

} // namespace

sqlite_journal::sqlite_journal(SQLite::Database& db)
  : add_(db, add_text),
    newest_(db, newest_text),
    drop_one_(db, drop_one_text),
    drop_all_(db, drop_all_text),
    splice_(db, splice_text),
    count_records_(db, count_records_text),
    find_(db, find_text),
    put_(db, put_text),
    drop_(db, drop_text),
    count_(db, count_text),
    list_(db, list_text) {
  // nop
}

// -- records ------------------------------------------------------------------

void sqlite_journal::add_record(const journal_record& record) {
  std::optional<std::string> before;
  if (record.before)
    before = image_to_text(*record.before);
  const auto at = stored_instant(record.at);
  use now{add_};
  now.bind(1, record.trace_id);
  now.bind(2, record.imprint_id);
  now.bind(3, record.op);
  now.bind(4, record.entry_id);
  now.bind(5, before);
  now.bind(6, record.before_rev);
  now.bind(7, record.after_rev);
  now.bind(8, at);
  add_.exec();
}

std::vector<journal_record>
sqlite_journal::newest_records(const std::string& trace_id, size_t count) {
  use now{newest_};
  now.bind(1, trace_id);
  now.bind(2, number_of(count));
  std::vector<journal_record> result;
  result.reserve(count);
  while (newest_.executeStep())
    result.push_back(read_record(newest_, trace_id));
  return result;
}

void sqlite_journal::drop_record(const journal_record& record) {
  use now{drop_one_};
  now.bind(1, record.seq);
  drop_one_.exec();
}

void sqlite_journal::drop_records(const std::string& trace_id) {
  use now{drop_all_};
  now.bind(1, trace_id);
  drop_all_.exec();
}

size_t sqlite_journal::splice(const journal_record& undone) {
  std::optional<std::string> before;
  if (undone.before)
    before = image_to_text(*undone.before);
  use now{splice_};
  now.bind(1, undone.entry_id);
  now.bind(2, undone.after_rev);
  now.bind(3, before);
  now.bind(4, undone.before_rev);
  return static_cast<size_t>(splice_.exec());
}

size_t sqlite_journal::count_records() {
  const use now{count_records_};
  count_records_.executeStep();
  return count_of(count_records_.getColumn(0));
}

// -- traces -------------------------------------------------------------------

std::optional<trace_row>
sqlite_journal::find_trace(const std::string& trace_id) {
  use now{find_};
  now.bind(1, trace_id);
  return find_.executeStep() ? std::optional{read_trace(find_)} : std::nullopt;
}

void sqlite_journal::put_trace(const trace_row& row) {
  const auto state = name_of(row.state);
  std::optional<std::string> stop_ts;
  if (row.stop_id)
    stop_ts = stored_instant(row.stop_ts);
  const auto opened_at = stored_instant(row.opened_at);
  const auto touched_at = stored_instant(row.touched_at);
  const auto closed_at = text_of_instant(row.closed_at);
  use now{put_};
  now.bind(1, row.trace_id);
  now.bind(2, state);
  now.bind(3, row.stop_id);
  now.bind(4, stop_ts);
  now.bind(5, number_of(row.op_count));
  now.bind(6, number_of(row.compensated));
  now.bind(7, number_of(row.conflicts));
  now.bind(8, number_of(row.failed));
  now.bind(9, int64_t{row.failed_seen});
  now.bind(10, opened_at);
  now.bind(11, touched_at);
  now.bind(12, closed_at);
  put_.exec();
}

void sqlite_journal::drop_trace(const std::string& trace_id) {
  use now{drop_};
  now.bind(1, trace_id);
  drop_.exec();
}

size_t sqlite_journal::count_traces(trace_state state) {
  const auto name = name_of(state);
  use now{count_};
  now.bind(1, name);
  count_.executeStep();
  return count_of(count_.getColumn(0));
}

std::vector<trace_row> sqlite_journal::list_traces(trace_state state,
                                                   timestamp touched_before) {
  const auto name = name_of(state);
  const auto bound = stored_instant(std::min(touched_before, timestamp_max));
  use now{list_};
  now.bind(1, name);
  now.bind(2, bound);
  std::vector<trace_row> result;
  while (list_.executeStep())
    result.push_back(read_trace(list_));
  return result;
}

} // namespace cosmo::registry

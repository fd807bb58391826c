// SPDX-License-Identifier: Apache-2.0
#include "sqlite_engram_storage.hpp"

#include "engram_text.hpp"
#include "sqlite_use.hpp"

#include <SQLiteCpp/Transaction.h>
#include <sqlite3.h>

#include <algorithm>
#include <utility>

namespace cosmo::registry {

namespace {

// Others may have written rows without the counter.
constexpr auto read_rev_text
  = "SELECT max(coalesce((SELECT CAST(value AS INTEGER) FROM engram_meta "
    "WHERE key = 'rev_counter'), 0), "
    "coalesce((SELECT max(rev) FROM engram_entries), 0))";

constexpr auto write_rev_text
  = "INSERT OR REPLACE INTO engram_meta (key, value) "
    "VALUES ('rev_counter', ?1)";

constexpr auto find_mark_text
  = "SELECT entry_id FROM engram_imprint_seen WHERE imprint_id = ?1";

constexpr auto put_mark_text
  = "INSERT OR REPLACE INTO engram_imprint_seen (imprint_id, entry_id, "
    "seen_at) VALUES (?1, ?2, ?3)";

constexpr auto expire_marks_text
  = "DELETE FROM engram_imprint_seen WHERE seen_at < ?1";

constexpr auto trim_marks_text
  = "DELETE FROM engram_imprint_seen WHERE imprint_id IN "
    "(SELECT imprint_id FROM engram_imprint_seen WHERE seen_at < ?1 "
    "ORDER BY seen_at, rowid LIMIT ?2)";

constexpr auto count_marks_text = "SELECT count(*) FROM engram_imprint_seen";

/// Whether a fault is one of a single statement, so that others may go on.
bool spares_others(const SQLite::Exception& fault) {
  switch (fault.getErrorCode() & 0xFF) {
    case SQLITE_CONSTRAINT:
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH:
      return true;
    default:
      return false;
  }
}

void run(SQLite::Statement& statement) {
  const use now{statement};
  statement.exec();
}

} // namespace

sqlite_engram_storage::sqlite_engram_storage(
  std::unique_ptr<SQLite::Database> db, const std::string& engram_kind)
  : db_(std::move(db)),
    entries_(*db_, engram_kind),
    journal_(*db_),
    savepoint_(*db_, "SAVEPOINT one_write"),
    release_(*db_, "RELEASE one_write"),
    undo_(*db_, "ROLLBACK TO one_write"),
    read_rev_(*db_, read_rev_text),
    write_rev_(*db_, write_rev_text),
    find_mark_(*db_, find_mark_text),
    put_mark_(*db_, put_mark_text),
    expire_marks_(*db_, expire_marks_text),
    trim_marks_(*db_, trim_marks_text),
    count_marks_(*db_, count_marks_text) {
  // nop
}

// -- units of work ------------------------------------------------------------

void sqlite_engram_storage::transact(const std::function<void()>& work) {
  // Takes the lock at once: one that reads first and then wants to write can
  // be refused without waiting.
  SQLite::Transaction all{*db_, SQLite::TransactionBehavior::IMMEDIATE};
  const auto first = stored_rev();
  rev_ = first;
  work();
  if (rev_ != first) {
    const auto text = std::to_string(rev_);
    use now{write_rev_};
    now.bind(1, text);
    write_rev_.exec();
  }
  all.commit();
}

std::string sqlite_engram_storage::attempt(const std::function<void()>& work) {
  run(savepoint_);
  try {
    work();
  } catch (const SQLite::Exception& fault) {
    if (!spares_others(fault))
      throw;
    std::string result = fault.what();
    run(undo_);
    run(release_);
    return result;
  }
  run(release_);
  return {};
}

int64_t sqlite_engram_storage::next_rev() {
  return ++rev_;
}

int64_t sqlite_engram_storage::stored_rev() {
  const use now{read_rev_};
  read_rev_.executeStep();
  return read_rev_.getColumn(0).getInt64();
}

// -- entries ------------------------------------------------------------------

std::optional<engram_row> sqlite_engram_storage::find(const std::string& id) {
  return entries_.find(id);
}

std::optional<engram_row>
sqlite_engram_storage::current(const std::string& merge_key) {
  return entries_.current(merge_key);
}

void sqlite_engram_storage::scan(const entry_range& which,
                                 const std::function<bool(engram_row)>& fn) {
  entries_.scan(which, fn);
}

void sqlite_engram_storage::put(const engram_row& row) {
  entries_.put(row);
}

void sqlite_engram_storage::remove(const std::string& id) {
  entries_.remove(id);
}

size_t sqlite_engram_storage::forget_tombstones(timestamp deleted_before) {
  return entries_.forget_tombstones(deleted_before);
}

// -- journals and traces ------------------------------------------------------

void sqlite_engram_storage::add_record(const journal_record& record) {
  journal_.add_record(record);
}

std::vector<journal_record>
sqlite_engram_storage::newest_records(const std::string& trace_id,
                                      size_t count) {
  return journal_.newest_records(trace_id, count);
}

void sqlite_engram_storage::drop_record(const journal_record& record) {
  journal_.drop_record(record);
}

void sqlite_engram_storage::drop_records(const std::string& trace_id) {
  journal_.drop_records(trace_id);
}

size_t sqlite_engram_storage::splice(const journal_record& undone) {
  return journal_.splice(undone);
}

size_t sqlite_engram_storage::count_records() {
  return journal_.count_records();
}

std::optional<trace_row>
sqlite_engram_storage::find_trace(const std::string& trace_id) {
  return journal_.find_trace(trace_id);
}

void sqlite_engram_storage::put_trace(const trace_row& row) {
  journal_.put_trace(row);
}

void sqlite_engram_storage::drop_trace(const std::string& trace_id) {
  journal_.drop_trace(trace_id);
}

size_t sqlite_engram_storage::count_traces(trace_state state) {
  return journal_.count_traces(state);
}

std::vector<trace_row>
sqlite_engram_storage::list_traces(trace_state state,
                                   timestamp touched_before) {
  return journal_.list_traces(state, touched_before);
}

// -- marks of writes ----------------------------------------------------------

std::optional<std::string>
sqlite_engram_storage::find_mark(const std::string& imprint_id) {
  use now{find_mark_};
  now.bind(1, imprint_id);
  return find_mark_.executeStep()
           ? std::optional{text_of(find_mark_.getColumn(0))}
           : std::nullopt;
}

void sqlite_engram_storage::put_mark(const std::string& imprint_id,
                                     const std::string& entry_id,
                                     timestamp at) {
  const auto seen_at = stored_instant(at);
  use now{put_mark_};
  now.bind(1, imprint_id);
  now.bind(2, entry_id);
  now.bind(3, seen_at);
  put_mark_.exec();
}

size_t sqlite_engram_storage::forget_marks(const mark_bounds& bounds) {
  const auto expired_before = stored_instant(bounds.expired_before);
  const auto protected_from = stored_instant(bounds.protected_from);
  auto result = 0;
  {
    use now{expire_marks_};
    now.bind(1, expired_before);
    result += expire_marks_.exec();
  }
  int64_t left = 0;
  {
    const use now{count_marks_};
    count_marks_.executeStep();
    left = count_marks_.getColumn(0).getInt64();
  }
  const auto superfluous = left - static_cast<int64_t>(bounds.kept);
  if (superfluous > 0) {
    use now{trim_marks_};
    now.bind(1, protected_from);
    now.bind(2, superfluous);
    result += trim_marks_.exec();
  }
  return static_cast<size_t>(result);
}

// -- housekeeping -------------------------------------------------------------

void sqlite_engram_storage::tidy() {
  // Readers elsewhere may keep it from being complete, which is no fault.
  sqlite3_wal_checkpoint_v2(db_->getHandle(), nullptr,
                            SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
}

} // namespace cosmo::registry

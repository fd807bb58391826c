// SPDX-License-Identifier: Apache-2.0
//
// What an Engram costs over SQLite itself: writes in batches as its actor
// groups them against the four rows that each of them is, recalls against the
// select and the parsing of what it finds. Both sides work on files of the same
// schema and the same durability, in turn.

#include "bench.hpp"
#include "bench_files.hpp"
#include <cosmo/json.hpp>
#include <cosmo/sqlite_engram.hpp>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>

#include <algorithm>
#include <string>
#include <vector>

namespace bench {

namespace {

constexpr int batch = 64;
constexpr int batches = 50;
constexpr int entries = 10'000;
constexpr int recalls = 2'000;
constexpr int text_recalls = 10;
constexpr int rounds = 5;

constexpr cosmo::timestamp start
  = std::chrono::sys_days{std::chrono::year{2026} / 1 / 2};

constexpr auto raw_time = "2026-01-02T00:00:00.000000+00:00";

class engram {
public:
  explicit engram(const std::string& path) : own_(path) {
    expect(own_.connect(
      cosmo::world::seeded(1, std::make_shared<cosmo::manual_clock>(start))));
  }

  cosmo::sqlite_engram* operator->() noexcept {
    return &own_;
  }

private:
  cosmo::sqlite_engram own_;
};

cosmo::json content_of(int number) {
  return {{"speaker", "user"},
          {"text", "The number " + std::to_string(number)
                     + " was said in the meeting, and nobody objected."},
          {"turn", number}};
}

std::string key_of(int number) {
  return "session/" + std::to_string(number);
}

std::string trace_of(int number) {
  return "trc_01JGJ5Z0000000000000" + std::to_string(number / batch);
}

std::vector<cosmo::imprint_request> requests(int first, int count,
                                             const std::string& trace) {
  std::vector<cosmo::imprint_request> result;
  result.reserve(static_cast<size_t>(count));
  for (int i = first; i < first + count; ++i)
    result.push_back(
      {.op = "append",
       .entry = {{"content", content_of(i)}, {"tags", {"meeting", "said"}}},
       .merge_key = key_of(i),
       .imprint_id = "evt_01JGJ5Z0000000000000" + std::to_string(i),
       .trace_id = trace.empty() ? trace_of(i) : trace,
       .sent_at = start});
  return result;
}

void write_some(engram& own, int first, int count,
                const std::string& trace = {}) {
  const auto receipts = expect(own->imprint(requests(first, count, trace)));
  for (const auto& receipt : receipts)
    expect(receipt.ok(), receipt.error.value_or("").c_str());
}

double run_imprint(const std::string& path) {
  engram own{path};
  auto spent = 0.0;
  for (int i = 0; i < batches; ++i) {
    const auto writes = requests(i * batch, batch, {});
    spent += time([&] { expect(own->imprint(writes)); });
  }
  return spent;
}

/// The rows of one write, as texts that were made beforehand.
struct raw_rows {
  std::string id;
  std::string key;
  std::string content;
  std::string trace;
  std::string imprint_id;
};

double run_raw_imprint(const std::string& path) {
  {
    // Makes the file.
    const engram own{path};
  }
  SQLite::Database db{path, SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX,
                      5'000};
  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
  SQLite::Statement entry{
    db, "INSERT INTO engram_entries (id, engram_kind, merge_key, content, "
        "tags, meta, version, created_at, updated_at, rev) VALUES (?1, "
        "'relational', ?2, ?3, '[\"meeting\",\"said\"]', '{}', 1, ?4, ?4, ?5)"};
  SQLite::Statement record{
    db, "INSERT INTO engram_saga (trace_id, imprint_id, op, entry_id, "
        "before_rev, after_rev, at) VALUES (?1, ?2, 'append', ?3, 0, ?4, ?5)"};
  SQLite::Statement trace{
    db, "INSERT INTO engram_saga_trace (trace_id, state, op_count, "
        "compensated, conflicts, failed, failed_seen, opened_at, touched_at) "
        "VALUES (?1, 'open', 1, 0, 0, 0, 0, ?2, ?2) ON CONFLICT (trace_id) DO "
        "UPDATE SET op_count = op_count + 1, touched_at = ?2"};
  SQLite::Statement mark{db, "INSERT INTO engram_imprint_seen VALUES "
                             "(?1, ?2, ?3)"};
  const std::string at = raw_time;
  auto spent = 0.0;
  for (int i = 0; i < batches; ++i) {
    std::vector<raw_rows> rows;
    for (int n = i * batch; n < (i + 1) * batch; ++n)
      rows.push_back(
        {.id = "eng_01JGJ5Z00000000000" + std::to_string(n),
         .key = key_of(n),
         .content = cosmo::json_to_wire(content_of(n)),
         .trace = trace_of(n),
         .imprint_id = "evt_01JGJ5Z0000000000000" + std::to_string(n)});
    spent += time([&] {
      SQLite::Transaction all{db, SQLite::TransactionBehavior::IMMEDIATE};
      auto rev = i * batch;
      for (const auto& row : rows) {
        ++rev;
        entry.bindNoCopy(1, row.id);
        entry.bindNoCopy(2, row.key);
        entry.bindNoCopy(3, row.content);
        entry.bindNoCopy(4, at);
        entry.bind(5, rev);
        entry.exec();
        entry.reset();
        record.bindNoCopy(1, row.trace);
        record.bindNoCopy(2, row.imprint_id);
        record.bindNoCopy(3, row.id);
        record.bind(4, rev);
        record.bindNoCopy(5, at);
        record.exec();
        record.reset();
        trace.bindNoCopy(1, row.trace);
        trace.bindNoCopy(2, at);
        trace.exec();
        trace.reset();
        mark.bindNoCopy(1, row.imprint_id);
        mark.bindNoCopy(2, row.id);
        mark.bindNoCopy(3, at);
        mark.exec();
        mark.reset();
      }
      all.commit();
    });
  }
  return spent;
}

void fill(const std::string& path) {
  engram own{path};
  for (int i = 0; i < entries; i += 1'000)
    write_some(own, i, 1'000);
}

/// What a raw recall has to parse of a row.
cosmo::json parse(const SQLite::Column& column) {
  cosmo::json result;
  expect(cosmo::json_from_wire(column.getText(), result), "no JSON");
  return result;
}

class recall_bench {
public:
  explicit recall_bench(const std::string& path) : own_(path), db_(path) {
    // nop
  }

  double by_key() {
    return time([this] {
      for (int i = 0; i < recalls; ++i)
        expect(expect(own_->recall(
                        {.query = {{"merge_key", key_of(i * 3 % entries)}}}))
                   .hits.size()
                 == 1,
               "an entry was lost");
    });
  }

  double raw_by_key() {
    SQLite::Statement select{
      db_, "SELECT id, content, tags, meta, version, created_at, updated_at "
           "FROM engram_entries WHERE merge_key = ?1 AND deleted_at IS NULL "
           "ORDER BY rev DESC LIMIT 50"};
    return time([&] {
      for (int i = 0; i < recalls; ++i) {
        const auto key = key_of(i * 3 % entries);
        select.bindNoCopy(1, key);
        while (select.executeStep()) {
          auto hit = cosmo::json::object();
          hit["id"] = select.getColumn(0).getString();
          hit["content"] = parse(select.getColumn(1));
          hit["tags"] = parse(select.getColumn(2));
          hit["meta"] = parse(select.getColumn(3));
          hit["version"] = select.getColumn(4).getInt64();
          hit["created_at"] = select.getColumn(5).getString();
          hit["updated_at"] = select.getColumn(6).getString();
          sum_ = sum_ + hit.size();
        }
        select.reset();
      }
    });
  }

  double by_text() {
    return time([this] {
      for (int i = 0; i < text_recalls; ++i)
        expect(
          expect(own_->recall({.query = {{"text", "NUMBER 99"}}})).truncated,
          "nothing was found");
    });
  }

  double raw_by_text() {
    SQLite::Statement select{
      db_, "SELECT id, content, tags, meta, version, created_at, updated_at "
           "FROM engram_entries WHERE deleted_at IS NULL ORDER BY rev DESC"};
    return time([&] {
      for (int i = 0; i < text_recalls; ++i) {
        while (select.executeStep()) {
          sum_ = sum_ + parse(select.getColumn(1)).size();
          sum_ = sum_ + parse(select.getColumn(2)).size();
          sum_ = sum_ + parse(select.getColumn(3)).size();
        }
        select.reset();
      }
    });
  }

private:
  engram own_;
  SQLite::Database db_;
  /// Keeps the compiler from leaving out the work.
  volatile size_t sum_ = 0;
};

double run_rollback(const std::string& path) {
  engram own{path};
  constexpr auto trace = "trc_01JGJ5Z00000000000000000";
  for (int i = 0; i < batches; ++i)
    write_some(own, i * batch, batch, trace);
  cosmo::rollback_report report;
  const auto spent = time([&] {
    do
      report = expect(own->compensate({trace, "evt_stop", start}));
    while (!report.done);
  });
  expect(report.compensated == batch * batches, "a write was not undone");
  return spent;
}

} // namespace

void engrams() {
  const folder files{"engram"};
  int count = 0;
  auto fresh = [&] { return files.file(std::to_string(count++)); };
  constexpr auto writes = double{batch} * batches;
  auto ours = run_imprint(fresh());
  auto raw = run_raw_imprint(fresh());
  auto rollback = run_rollback(fresh());
  // In turn, so that both have the same luck with the disk.
  for (int i = 1; i < rounds; ++i) {
    ours = std::min(ours, run_imprint(fresh()));
    raw = std::min(raw, run_raw_imprint(fresh()));
    rollback = std::min(rollback, run_rollback(fresh()));
  }
  report("imprint.per_s", writes / ours, "1/s");
  report("imprint.sqlite_per_s", writes / raw, "1/s");
  report("imprint.ratio", raw / ours, "x");
  report("rollback.ops_per_s", writes / rollback, "1/s");
  const auto filled = fresh();
  fill(filled);
  recall_bench recall{filled};
  auto by_key = recall.by_key();
  auto raw_by_key = recall.raw_by_key();
  auto by_text = recall.by_text();
  auto raw_by_text = recall.raw_by_text();
  for (int i = 1; i < rounds; ++i) {
    by_key = std::min(by_key, recall.by_key());
    raw_by_key = std::min(raw_by_key, recall.raw_by_key());
    by_text = std::min(by_text, recall.by_text());
    raw_by_text = std::min(raw_by_text, recall.raw_by_text());
  }
  report("recall.per_s", recalls / by_key, "1/s");
  report("recall.ratio", raw_by_key / by_key, "x");
  report("recall.text_per_s", text_recalls / by_text, "1/s");
  report("recall.text_ratio", raw_by_text / by_text, "x");
}

} // namespace bench

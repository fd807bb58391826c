// SPDX-License-Identifier: Apache-2.0
#include "engram_file.hpp"

#include "engram_schema.hpp"
#include "engram_text.hpp"
#include "sqlite_open.hpp"
#include "sqlite_use.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace cosmo::registry {

namespace {

constexpr auto upstream_tables = {"engram_entries", "engram_imprint_seen"};

constexpr auto own_tables = {"engram_meta", "engram_saga", "engram_saga_trace"};

/// What only we write into the tables of the Python SDK.
constexpr auto own_column = "rev INTEGER";

std::optional<std::string> find_meta(SQLite::Database& db,
                                     const std::string& key) {
  SQLite::Statement query{db, "SELECT value FROM engram_meta WHERE key = ?1"};
  use now{query};
  now.bind(1, key);
  if (!query.executeStep())
    return std::nullopt;
  return optional_text_of(query.getColumn(0));
}

void put_meta(SQLite::Database& db, const std::string& key,
              const std::string& value) {
  SQLite::Statement insert{
    db, "INSERT OR IGNORE INTO engram_meta (key, value) VALUES (?1, ?2)"};
  use now{insert};
  now.bind(1, key);
  now.bind(2, value);
  insert.exec();
}

class engram_layout final : public file_layout {
public:
  engram_layout(const engram_description& about, timestamp now)
    : about_(about), now_(now) {
    // nop
  }

  caf::expected<bool> recognise(SQLite::Database& db,
                                const store_place& where) const override {
    auto content = has_content(db, where);
    if (!content || !*content)
      return content;
    // What has no rev yet is numbered by rowids.
    if (!has_table(db, "engram_entries"))
      return store_error(ec::store_foreign, where,
                         "the file has no table `engram_entries`");
    auto sample = make_sample(engram_schema);
    if (auto err
        = check_version(db, where, number_of(sample, "PRAGMA user_version")))
      return err;
    if (auto err = check_tables(db, sample, where))
      return err;
    if (auto err = check_owner(db, where))
      return err;
    return true;
  }

  bool is_current(SQLite::Database& db) const override {
    return !is_upstream(db) && find_meta(db, "engram_id")
           && number_of(db, "SELECT EXISTS (SELECT 1 FROM engram_entries "
                            "WHERE rev IS NULL)")
                == 0;
  }

  void make(SQLite::Database& db, bool is_one) const override {
    if (is_one && is_upstream(db))
      db.exec(std::string{"ALTER TABLE engram_entries ADD COLUMN "}
              + own_column);
    db.exec(engram_schema);
    put_meta(db, "engram_id", about_.engram_id);
    put_meta(db, "engram_kind", about_.engram_kind);
    put_meta(db, "created_at", stored_instant(now_));
    put_meta(db, "rev_counter", "0");
    number_entries(db);
  }

private:
  static bool is_upstream(SQLite::Database& db) {
    return number_of(db, "PRAGMA user_version") == 0;
  }

  static caf::error check_tables(SQLite::Database& db, SQLite::Database& sample,
                                 const store_place& where) {
    const auto upstream = is_upstream(db);
    for (const auto* table : upstream_tables) {
      // The Python SDK may have died before it made the second one.
      if (upstream && !has_table(db, table))
        continue;
      auto wanted = shape_of(sample, table);
      if (upstream)
        std::erase(wanted, own_column);
      if (shape_of(db, table) != wanted)
        return other_columns(where, table);
    }
    for (const auto* table : own_tables)
      if (shape_of(db, table)
          != (upstream ? std::vector<std::string>{} : shape_of(sample, table)))
        return other_columns(where, table);
    return {};
  }

  static caf::error other_columns(const store_place& where,
                                  const std::string& table) {
    return store_error(ec::store_foreign, where,
                       "the table `" + table + "` has other columns");
  }

  caf::error check_owner(SQLite::Database& db, const store_place& where) const {
    if (is_upstream(db))
      return {};
    const auto owner = find_meta(db, "engram_id");
    if (!owner || *owner == about_.engram_id)
      return {};
    return store_error(ec::store_foreign, where,
                       "it belongs to the Engram " + json_to_wire(json(*owner))
                         + ", not to " + json_to_wire(json(about_.engram_id)));
  }

  /// Gives a rev to what another SDK has written, in the order of its times.
  static void number_entries(SQLite::Database& db) {
    db.exec("UPDATE engram_entries SET rev = unnumbered.number + "
            "(SELECT max(coalesce((SELECT max(rev) FROM engram_entries), 0), "
            "coalesce((SELECT CAST(value AS INTEGER) FROM engram_meta "
            "WHERE key = 'rev_counter'), 0))) "
            "FROM (SELECT rowid AS place, "
            "row_number() OVER (ORDER BY updated_at, rowid) AS number "
            "FROM engram_entries WHERE rev IS NULL) AS unnumbered "
            "WHERE engram_entries.rowid = unnumbered.place");
    db.exec("UPDATE engram_meta SET value = max(CAST(value AS INTEGER), "
            "coalesce((SELECT max(rev) FROM engram_entries), 0)) "
            "WHERE key = 'rev_counter'");
  }

  const engram_description& about_;
  timestamp now_;
};

} // namespace

caf::expected<std::unique_ptr<SQLite::Database>>
open_engram_file(const store_place& where,
                 std::chrono::milliseconds busy_timeout,
                 const engram_description& about, timestamp now) {
  return open_file(where, busy_timeout, engram_layout{about, now});
}

} // namespace cosmo::registry

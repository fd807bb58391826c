// SPDX-License-Identifier: Apache-2.0
#include "registry_file.hpp"

#include "registry_schema.hpp"
#include "sqlite_open.hpp"

namespace cosmo::registry {

namespace {

class registry_layout final : public file_layout {
public:
  caf::expected<bool> recognise(SQLite::Database& db,
                                const store_place& where) const override {
    auto content = has_content(db, where);
    if (!content || !*content)
      return content;
    // Rows are kept in order by their rowids.
    if (!has_table(db, "neurons"))
      return store_error(ec::store_foreign, where,
                         "the file has no table `neurons`");
    auto sample = make_sample(schema);
    if (auto err
        = check_version(db, where, number_of(sample, "PRAGMA user_version")))
      return err;
    if (shape_of(db, "neurons") != shape_of(sample, "neurons"))
      return store_error(ec::store_foreign, where,
                         "the table `neurons` has other columns");
    return true;
  }

  bool is_current(SQLite::Database&) const override {
    return true;
  }

  void make(SQLite::Database& db, bool is_one) const override {
    if (!is_one)
      db.exec(schema);
  }
};

} // namespace

caf::expected<std::unique_ptr<SQLite::Database>>
open_registry_file(const store_place& where,
                   std::chrono::milliseconds busy_timeout) {
  auto db = open_file(where, busy_timeout, registry_layout{});
  // Without such a log, less than full synchronisation could cost the whole
  // file.
  if (db && has_write_ahead_log(**db))
    (*db)->exec("PRAGMA synchronous = NORMAL");
  return db;
}

} // namespace cosmo::registry

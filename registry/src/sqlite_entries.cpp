// SPDX-License-Identifier: Apache-2.0
#include "sqlite_entries.hpp"

#include "engram_text.hpp"
#include "sqlite_use.hpp"

#include <utility>

namespace cosmo::registry {

namespace {

using namespace std::literals;

#define COLUMNS                                                                \
  "id, merge_key, content, tags, meta, version, created_at, updated_at, "      \
  "deleted_at, rev"

constexpr auto find_text
  = "SELECT " COLUMNS " FROM engram_entries WHERE id = ?1";

constexpr auto current_text
  = "SELECT " COLUMNS " FROM engram_entries WHERE merge_key = ?1 "
    "AND deleted_at IS NULL ORDER BY rev DESC LIMIT 1";

constexpr auto scan_all_text
  = "SELECT " COLUMNS " FROM engram_entries WHERE deleted_at IS NULL "
    "AND updated_at >= ?1 AND updated_at <= ?2 "
    "AND (?3 IS NULL OR instr(lower(content), ?3)) ORDER BY rev DESC";

constexpr auto scan_key_text
  = "SELECT " COLUMNS " FROM engram_entries WHERE merge_key = ?4 "
    "AND deleted_at IS NULL AND updated_at >= ?1 AND updated_at <= ?2 "
    "AND (?3 IS NULL OR instr(lower(content), ?3)) ORDER BY rev DESC";

constexpr auto put_text
  = "INSERT INTO engram_entries (" COLUMNS ", engram_kind) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) "
    "ON CONFLICT (id) DO UPDATE SET merge_key = ?2, content = ?3, tags = ?4, "
    "meta = ?5, version = ?6, created_at = ?7, updated_at = ?8, "
    "deleted_at = ?9, rev = ?10";

#undef COLUMNS

constexpr auto remove_text = "DELETE FROM engram_entries WHERE id = ?1";

constexpr auto forget_text = "DELETE FROM engram_entries WHERE deleted_at < ?1";

std::string read_instant(const SQLite::Column& column, timestamp& out) {
  auto parsed = parse_timestamp(text_of(column));
  if (!parsed)
    return std::string{column.getName()} + ": " + message_of(parsed.error());
  out = *parsed;
  return {};
}

/// Others may have written bytes that are no Unicode.
std::string check_text(const char* column, const std::string& text) {
  return json_to_wire(json(text)).empty() ? column + ": no Unicode"s
                                          : std::string{};
}

engram_row read_row(const SQLite::Statement& at) {
  engram_row result{.id = text_of(at.getColumn(0)),
                    .rev = at.getColumn(9).getInt64()};
  auto& image = result.image;
  image.merge_key = optional_text_of(at.getColumn(1));
  image.version = at.getColumn(5).getInt64();
  result.damage = read_parts(text_of(at.getColumn(2)), text_of(at.getColumn(3)),
                             text_of(at.getColumn(4)), image);
  for (const auto& why :
       {check_text("id", result.id),
        check_text("merge_key", image.merge_key.value_or(""))})
    if (!why.empty())
      result.damage = why;
  for (const auto& [column, instant] :
       {std::pair{6, &image.created_at}, std::pair{7, &result.updated_at}})
    if (auto why = read_instant(at.getColumn(column), *instant); !why.empty())
      result.damage = why;
  if (const auto deleted_at = at.getColumn(8); !deleted_at.isNull()) {
    // Deleted it is, whatever the text says.
    result.deleted_at = timestamp{};
    read_instant(deleted_at, *result.deleted_at);
  }
  return result;
}

} // namespace

sqlite_entries::sqlite_entries(SQLite::Database& db, std::string engram_kind)
  : engram_kind_(std::move(engram_kind)),
    find_(db, find_text),
    current_(db, current_text),
    scan_all_(db, scan_all_text),
    scan_key_(db, scan_key_text),
    put_(db, put_text),
    remove_(db, remove_text),
    forget_(db, forget_text) {
  // nop
}

std::optional<engram_row> sqlite_entries::find(const std::string& id) {
  use now{find_};
  now.bind(1, id);
  return find_.executeStep() ? std::optional{read_row(find_)} : std::nullopt;
}

std::optional<engram_row>
sqlite_entries::current(const std::string& merge_key) {
  use now{current_};
  now.bind(1, merge_key);
  return current_.executeStep() ? std::optional{read_row(current_)}
                                : std::nullopt;
}

void sqlite_entries::scan(const entry_range& which,
                          const std::function<bool(engram_row)>& fn) {
  // Other SDKs write fewer digits: all of the second are looked at.
  const auto since = which.since ? stored_second(*which.since) : std::string{};
  const auto until = which.until ? stored_second(*which.until) + '~' : "~";
  auto& statement = which.merge_key ? scan_key_ : scan_all_;
  use now{statement};
  now.bind(1, since);
  now.bind(2, until);
  now.bind(3, which.word);
  if (which.merge_key)
    now.bind(4, *which.merge_key);
  while (statement.executeStep())
    if (!fn(read_row(statement)))
      return;
}

void sqlite_entries::put(const engram_row& row) {
  const auto& image = row.image;
  const auto content = json_to_wire(image.content);
  const auto tags = json_to_wire(json(image.tags));
  const auto meta = json_to_wire(image.meta);
  const auto created_at = stored_instant(image.created_at);
  const auto updated_at = stored_instant(row.updated_at);
  std::optional<std::string> deleted_at;
  if (row.deleted_at)
    deleted_at = stored_instant(*row.deleted_at);
  use now{put_};
  now.bind(1, row.id);
  now.bind(2, image.merge_key);
  now.bind(3, content);
  now.bind(4, tags);
  now.bind(5, meta);
  now.bind(6, image.version);
  now.bind(7, created_at);
  now.bind(8, updated_at);
  now.bind(9, deleted_at);
  now.bind(10, row.rev);
  now.bind(11, engram_kind_);
  put_.exec();
}

void sqlite_entries::remove(const std::string& id) {
  use now{remove_};
  now.bind(1, id);
  remove_.exec();
}

size_t sqlite_entries::forget_tombstones(timestamp deleted_before) {
  const auto bound = stored_instant(deleted_before);
  use now{forget_};
  now.bind(1, bound);
  return static_cast<size_t>(forget_.exec());
}

} // namespace cosmo::registry

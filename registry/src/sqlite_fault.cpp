// SPDX-License-Identifier: Apache-2.0
#include "sqlite_fault.hpp"

#include <sqlite3.h>

#include <filesystem>
#include <fstream>

namespace cosmo::registry {

namespace {

/// Whether the file begins as every SQLite file does. SQLite says `not a
/// database` of a damaged header as well as of a letter to grandmother.
bool begins_as_database(const std::string& path) {
  constexpr std::string_view mark{"SQLite format 3\0", 16};
  std::string start(mark.size(), '\0');
  std::ifstream file{path, std::ios::binary};
  file.read(start.data(), static_cast<std::streamsize>(start.size()));
  start.resize(static_cast<size_t>(file.gcount()));
  return !start.empty() && mark.starts_with(start);
}

/// SQLite only says that it is unable to open it.
std::string why_not_open(const std::string& path, const char* otherwise) {
  std::error_code ignored;
  const std::filesystem::path file{path};
  if (std::filesystem::is_directory(file, ignored))
    return "it is a directory";
  if (file.has_parent_path()
      && !std::filesystem::is_directory(file.parent_path(), ignored))
    return "its folder does not exist";
  return otherwise;
}

} // namespace

caf::error store_error(ec code, const store_place& where,
                       std::string_view why) {
  return make_error(code, std::string{where.kind} + " '" + where.path
                            + "': " + std::string{why});
}

caf::error to_error(const SQLite::Exception& fault, const store_place& where) {
  // The primary result code stands in the lowest byte.
  switch (fault.getErrorCode() & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
      return store_error(ec::store_busy, where, fault.what());
    case SQLITE_CORRUPT:
      return store_error(ec::store_corrupt, where, fault.what());
    case SQLITE_NOTADB:
      return store_error(begins_as_database(where.path) ? ec::store_corrupt
                                                        : ec::store_foreign,
                         where, fault.what());
    case SQLITE_CANTOPEN:
      return store_error(ec::store_io, where,
                         why_not_open(where.path, fault.what()));
    default:
      return store_error(ec::store_io, where, fault.what());
  }
}

} // namespace cosmo::registry

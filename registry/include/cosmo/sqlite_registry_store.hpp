// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/registry.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace cosmo {

struct sqlite_registry_options {
  /// How long a call waits for a lock that somebody else holds on the file.
  std::chrono::milliseconds busy_timeout{5'000};
};

/// A registry that outlives the process: a SQLite file which the Python and
/// TypeScript SDKs read and write too. `:memory:` is a private one that is
/// gone after `close`.
///
/// A file is taken for a registry if it has the table `neurons` of
/// schema/registry.sql and no application's mark; further tables are left
/// alone. A missing or empty file becomes one. Whatever file is refused keeps
/// its bytes; an accepted one is switched to a write-ahead log, and a file that
/// another SDK made keeps its `user_version` 0.
///
/// The log is synchronised at checkpoints: a power cut may take the last
/// changes, never a part of one `apply`. The death of a process takes nothing.
///
/// A row that cannot be read (capabilities that are no array of texts, an
/// instant that is none, no Unicode) is logged once as `unreadable-row` and
/// left out of `list`; `get` answers ec::store_corrupt for it. A record written
/// under its id replaces it, but for `registered_at`.
/// @affinity any thread, one call at a time; others wait
/// @source synapse-and-cli.md 8.4, doc/decisions/005-registry-file.md
class sqlite_registry_store final : public registry_store {
public:
  /// Touches nothing yet.
  /// @param path never a URI; its folder must exist.
  explicit sqlite_registry_store(std::string path = ":memory:",
                                 sqlite_registry_options options = {});

  ~sqlite_registry_store() override;

  sqlite_registry_store(const sqlite_registry_store&) = delete;
  sqlite_registry_store& operator=(const sqlite_registry_store&) = delete;

  /// Reads the whole file once to see that it is sound.
  /// @returns ec::store_corrupt, store_foreign, store_too_new, store_busy, or
  ///          store_io, also if the file can be read but not be written.
  caf::error connect() override;

  void close() override;

  caf::error apply(const std::vector<registry_write>& changes) override;

  caf::expected<neuron_record> get(const std::string& neuron_id) override;

  caf::expected<std::vector<neuron_record>>
  list(const registry_filter& which) override;

private:
  class engine;

  std::unique_ptr<engine> engine_;
};

} // namespace cosmo

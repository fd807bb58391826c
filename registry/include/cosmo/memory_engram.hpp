// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/engram_backend.hpp>
#include <cosmo/engram_options.hpp>

#include <memory>
#include <string>
#include <vector>

namespace cosmo {

struct memory_engram_options {
  std::string engram_id = "engram-memory";
  std::string engram_kind = "keyvalue";
  /// Empty: `substring`, `tags`, `merge_key`.
  std::vector<std::string> capabilities = {};
  engram_rules rules = {};
};

/// An Engram for one process: `close` drops the entries, the journal and the
/// marks of repeated writes. Rules and answers are those of `sqlite_engram`.
/// @affinity any thread, one call at a time   @source engram.md 5, 9 to 11
class memory_engram final : public engram_backend {
public:
  explicit memory_engram(memory_engram_options options = {});

  ~memory_engram() override;

  memory_engram(const memory_engram&) = delete;
  memory_engram& operator=(const memory_engram&) = delete;

  const engram_description& describe() const noexcept override;

  /// @returns ec::bad_config naming an option and its value.
  caf::error connect(const world& outside) override;

  void close() override;

  /// This and all others return nothing else than ec::not_connected.
  caf::expected<recall_finds> recall(const recall_request& what) override;

  caf::expected<std::vector<imprint_receipt>>
  imprint(const std::vector<imprint_request>& writes) override;

  caf::expected<rollback_report>
  compensate(const rollback_order& order) override;

  caf::error commit(const std::string& trace_id) override;

  caf::error mark_failed(const std::string& trace_id) override;

  caf::expected<std::vector<rollback_order>> unfinished() override;

  caf::expected<size_t> sweep() override;
  std::optional<engram_journal_counts> counts() override;

  bool blocks() const noexcept override {
    return false;
  }

private:
  class impl;

  std::unique_ptr<impl> impl_;
};

} // namespace cosmo

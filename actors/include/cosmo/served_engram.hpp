// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/engram_backend.hpp>

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace cosmo {

/// An Engram made of functions, for a memory that exists already. It keeps no
/// journal: what it has written is undone only by `on_compensate`.
///
/// Register functions before the Engram is served. They run off the scheduler,
/// one at a time.
/// @affinity one thread until served   @source engram.md 3.1
class served_engram final : public engram_backend {
public:
  /// Answers a query; nothing lets the next one try.
  using recall_function
    = std::function<std::optional<recall_finds>(const recall_request&)>;

  /// What an imprint came to: a receipt, the id of the entry, or whether it
  /// succeeded; `false` lets the next one try.
  using imprint_answer = std::variant<bool, std::string, imprint_receipt>;

  using imprint_function
    = std::function<imprint_answer(const imprint_request&)>;

  /// Undoes what a trace has written. @returns how many writes.
  using compensate_function
    = std::function<size_t(const std::string& trace_id)>;

  using commit_function = std::function<void(const std::string& trace_id)>;

  explicit served_engram(engram_description what);

  // -- functions: asked in order of registration, the first answer counts ------

  served_engram& on_recall(recall_function fn);

  /// What it throws becomes the receipt's error. A repeated IMPRINT comes
  /// again: `imprint_id` tells.
  served_engram& on_imprint(imprint_function fn);

  /// Decides which queries are answered; without it all are, if there is a
  /// function for them.
  served_engram& serves(std::function<bool(const json& query)> fn);

  served_engram& on_compensate(compensate_function fn);

  served_engram& on_commit(commit_function fn);

  // -- engram_backend ---------------------------------------------------------

  const engram_description& describe() const noexcept override {
    return what_;
  }

  caf::error connect(const world& outside) override;
  void close() override;
  bool can_serve(const json& query) override;
  caf::expected<recall_finds> recall(const recall_request& what) override;
  caf::expected<std::vector<imprint_receipt>>
  imprint(const std::vector<imprint_request>& writes) override;
  caf::expected<rollback_report>
  compensate(const rollback_order& order) override;
  caf::error commit(const std::string& trace_id) override;
  /// Without a journal it counts only what was undone.
  std::optional<engram_journal_counts> counts() override;

private:
  imprint_receipt write(const imprint_request& what) const;

  engram_description what_;
  std::vector<recall_function> recall_;
  std::vector<imprint_function> imprint_;
  std::function<bool(const json&)> serves_;
  compensate_function compensate_;
  /// The rollbacks done last: none is done twice.
  std::deque<std::pair<std::string, rollback_report>> done_;
  commit_function commit_;
  engram_journal_counts counts_;
};

/// An Engram made of functions, of the kind `context` unless told otherwise.
std::shared_ptr<served_engram> serve(engram_description what);

} // namespace cosmo

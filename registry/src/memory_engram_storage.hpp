// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engram_storage.hpp"

#include <deque>
#include <map>
#include <set>
#include <string>
#include <unordered_map>

namespace cosmo::registry {

/// Keeps everything as long as it lives. Nothing in it fails, so that there is
/// nothing to undo.
class memory_engram_storage final : public engram_storage {
public:
  void transact(const std::function<void()>& work) override;
  std::string attempt(const std::function<void()>& work) override;
  int64_t next_rev() override;

  std::optional<engram_row> find(const std::string& id) override;
  std::optional<engram_row> current(const std::string& merge_key) override;
  void scan(const entry_range& which,
            const std::function<bool(engram_row)>& fn) override;
  void put(const engram_row& row) override;
  void remove(const std::string& id) override;
  size_t forget_tombstones(timestamp deleted_before) override;

  void add_record(const journal_record& record) override;
  std::vector<journal_record> newest_records(const std::string& trace_id,
                                             size_t count) override;
  void drop_record(const journal_record& record) override;
  void drop_records(const std::string& trace_id) override;
  size_t splice(const journal_record& undone) override;
  size_t count_records() override;

  std::optional<trace_row> find_trace(const std::string& trace_id) override;
  void put_trace(const trace_row& row) override;
  void drop_trace(const std::string& trace_id) override;
  size_t count_traces(trace_state state) override;
  std::vector<trace_row> list_traces(trace_state state,
                                     timestamp touched_before) override;

  std::optional<std::string> find_mark(const std::string& imprint_id) override;
  void put_mark(const std::string& imprint_id, const std::string& entry_id,
                timestamp at) override;
  size_t forget_marks(const mark_bounds& bounds) override;

  void tidy() override;

private:
  /// The revs of live entries, greatest first.
  using revs = std::set<int64_t, std::greater<>>;

  struct mark {
    std::string imprint_id;
    timestamp at;
  };

  void enter(const engram_row& row);

  /// Takes a row out of the indexes.
  void leave(const engram_row& row);

  int64_t last_rev_ = 0;
  int64_t last_seq_ = 0;
  std::unordered_map<std::string, engram_row> rows_;
  /// Live entries by their revs.
  std::map<int64_t, std::string, std::greater<>> by_rev_;
  std::unordered_map<std::string, revs> by_key_;
  /// In the order of `seq`.
  std::unordered_map<std::string, std::deque<journal_record>> records_;
  std::unordered_map<std::string, trace_row> traces_;
  std::unordered_map<std::string, std::string> marks_;
  /// The oldest first.
  std::deque<mark> mark_order_;
};

} // namespace cosmo::registry

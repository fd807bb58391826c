// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engram_types.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace cosmo::registry {

/// Where the entries, journals and marks of one Engram lie. It knows no rules:
/// those are the same wherever the entries are.
///
/// Changes are made inside of `transact` only. What a storage throws undoes the
/// transaction and passes through the rules.
class engram_storage {
public:
  virtual ~engram_storage() = default;

  // -- units of work ----------------------------------------------------------

  /// All changes of `work` are durable when this returns, or none is made.
  virtual void transact(const std::function<void()>& work) = 0;

  /// A part of a transaction: all its changes or none.
  /// @returns why there are none; empty if there are. What breaks the whole
  ///          storage is thrown.
  virtual std::string attempt(const std::function<void()>& work) = 0;

  /// A number that no write of this Engram ever had; greater than all of them.
  virtual int64_t next_rev() = 0;

  // -- entries ----------------------------------------------------------------

  /// The entry or its tombstone.
  virtual std::optional<engram_row> find(const std::string& id) = 0;

  /// The live entry of that key with the greatest `rev`.
  virtual std::optional<engram_row> current(const std::string& merge_key) = 0;

  /// Calls `fn` with live entries, greatest `rev` first, until it returns
  /// false.
  virtual void scan(const entry_range& which,
                    const std::function<bool(engram_row)>& fn)
    = 0;

  /// Inserts a row or replaces the one of its id.
  virtual void put(const engram_row& row) = 0;

  virtual void remove(const std::string& id) = 0;

  /// @returns how many.
  virtual size_t forget_tombstones(timestamp deleted_before) = 0;

  // -- journals ---------------------------------------------------------------

  /// `seq` is given here.
  virtual void add_record(const journal_record& record) = 0;

  /// The newest records of the trace, newest first.
  virtual std::vector<journal_record>
  newest_records(const std::string& trace_id, size_t count) = 0;

  virtual void drop_record(const journal_record& record) = 0;

  virtual void drop_records(const std::string& trace_id) = 0;

  /// Lets the record that was written on top of `undone` lead to what was
  /// before both.
  /// @returns how many there were.
  virtual size_t splice(const journal_record& undone) = 0;

  /// Of all traces.
  virtual size_t count_records() = 0;

  // -- traces -----------------------------------------------------------------

  virtual std::optional<trace_row> find_trace(const std::string& trace_id) = 0;

  virtual void put_trace(const trace_row& row) = 0;

  virtual void drop_trace(const std::string& trace_id) = 0;

  virtual size_t count_traces(trace_state state) = 0;

  /// Those in that state that were not touched since, oldest first.
  virtual std::vector<trace_row> list_traces(trace_state state,
                                             timestamp touched_before)
    = 0;

  // -- marks of writes --------------------------------------------------------

  /// The entry that this IMPRINT wrote.
  virtual std::optional<std::string> find_mark(const std::string& imprint_id)
    = 0;

  virtual void put_mark(const std::string& imprint_id,
                        const std::string& entry_id, timestamp at)
    = 0;

  /// @returns how many.
  virtual size_t forget_marks(const mark_bounds& bounds) = 0;

  // -- housekeeping -----------------------------------------------------------

  /// Called now and then, outside of a transaction.
  virtual void tidy() = 0;
};

} // namespace cosmo::registry

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "call_table.hpp"
#include <cosmo/effector_call.hpp>

#include <functional>
#include <optional>
#include <string>

namespace cosmo::actors {

/// The tool calls that wait for Effectors. Each is settled once: by an answer,
/// by its deadline, or by the end of its trace.
///
/// A plain class: Signals, clocks and promises are the owner's business.
/// @source neurons.md 17.5
class effector_calls {
public:
  using time_point = caf::actor_clock::time_point;

  struct call : pending_call {
    std::string tool;
    std::function<void(caf::expected<tool_outcome>)> done;
  };

  /// @param id of the TOOL_CALL.
  void add(const std::string& id, call what) {
    calls_.add(id, std::move(what));
  }

  size_t size() const noexcept {
    return calls_.size();
  }

  /// Takes a TOOL_RESULT; one that nobody here waits for, or that is not from
  /// whom was asked, is ignored.
  void take(const signal& reply);

  /// The trace has ended.
  void end(const std::string& trace_id);

  /// Everything ends.
  void end_all();

  std::optional<time_point> next_deadline() const {
    return calls_.next_deadline();
  }

  void expire(time_point now);

private:
  call_table<call> calls_;
};

} // namespace cosmo::actors

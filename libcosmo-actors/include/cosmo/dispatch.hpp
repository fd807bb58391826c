// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/json.hpp>
#include <cosmo/retry.hpp>
#include <cosmo/role.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cosmo {

/// No deadline.
inline constexpr std::chrono::nanoseconds forever
  = std::chrono::nanoseconds::max();

/// What a dispatch call may be told. At least one of `neuron` and
/// `capabilities` is required.
/// @source dendrite.md section 12
struct dispatch_options {
  /// Id of the Neuron the TASK is addressed to.
  std::string neuron = {};
  /// What the Neuron works on; an object.
  json input = json::object();
  /// Capabilities one Axon must cover; informational when `neuron` is set.
  std::vector<std::string> capabilities = {};
  /// Absent: a fresh trace.
  std::optional<std::string> trace_id = {};
  std::optional<std::string> parent_id = {};
  std::string context_ref = {};
  cosmo::scope scope = cosmo::scope::all;
  /// How many Signals the Pathway keeps for those who come for them later; see
  /// `pathway`. Absent: all.
  std::optional<size_t> replay_cap = {};
  /// Absent: true exactly when `scope` is terminal.
  std::optional<bool> finalize = {};
  json meta = nullptr;
  /// How long `dispatch_and_wait` waits.
  std::chrono::nanoseconds timeout = std::chrono::seconds{30};
  /// How `dispatch_and_wait` tries again; absent: not at all. Other calls take
  /// none.
  std::optional<retry_strategy> retry = {};
  /// For `io.dispatch`: whether a STOP of the running TASK's trace stops what
  /// is dispatched here as well.
  bool inherit_stop = true;
};

/// Who gets the work of an offer; the earliest of equals does.
/// @source dendrite.md section 14.1
enum class bid_selection : uint8_t {
  /// Whoever bids first; the window ends with him.
  first_bid,
  /// Of all who bid within the window.
  lowest_cost,
  /// Of all who bid within the window; a bid without confidence comes last.
  highest_confidence,
};

std::string_view to_string(bid_selection value) noexcept;

/// @returns ec::bad_argument for any other text.
caf::expected<bid_selection> parse_bid_selection(std::string_view text);

/// What an offer may be told. @source dendrite.md section 14.1
struct offer_options {
  /// What the winner works on; an object.
  json input = json::object();
  /// What one Axon must cover; empty: the offer is to everybody.
  std::vector<std::string> capabilities = {};
  /// How long bids are collected, in whole milliseconds.
  std::chrono::milliseconds deadline{250};
  bid_selection select = bid_selection::first_bid;
  /// Absent: a fresh trace.
  std::optional<std::string> trace_id = {};
  std::optional<std::string> parent_id = {};
  std::string context_ref = {};
  json meta = nullptr;
  cosmo::scope scope = cosmo::scope::all;
  /// As in `dispatch_options`.
  std::optional<size_t> replay_cap = {};
  /// Absent: true exactly when `scope` is terminal.
  std::optional<bool> finalize = {};
};

/// What a Neuron asks for the work of an offer.
/// @source dendrite.md section 14.2
struct bid_options {
  double cost = 0.0;
  std::optional<std::chrono::milliseconds> eta = {};
  std::optional<double> confidence = {};
  json meta = nullptr;
};

/// How a trace is stopped. @source dendrite.md section 16.1
struct stop_trace_options {
  /// Whether Engrams undo what the trace has written.
  bool rollback = false;
  std::optional<std::string> reason = {};
  /// Whether to wait for `timeout`, in full, and return who acknowledged.
  bool collect_acks = false;
  std::chrono::nanoseconds timeout = std::chrono::seconds{1};
};

} // namespace cosmo

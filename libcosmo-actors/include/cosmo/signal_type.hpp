// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace cosmo {

/// The 32 kinds of Signal. An enumerator's name is its text on the wire.
/// @source signals.md section 8
enum class signal_type : uint8_t {
  TASK,
  AGENT_OUTPUT,
  FINAL,
  ERROR,
  TASK_OFFER,
  BID,
  TASK_AWARDED,
  TASK_DECLINED,
  THOUGHT_DELTA,
  PLAN,
  TOOL_CALL,
  TOOL_RESULT,
  MEMORY_APPEND,
  ESCALATION,
  RECALL,
  RECALLED,
  IMPRINT,
  IMPRINTED,
  CONSENSUS,
  CONTEXT_SYNC,
  CRITIQUE,
  CLARIFICATION,
  PERMISSION,
  PERMISSION_DECISION,
  CLARIFICATION_ANSWER,
  REGISTER,
  DEREGISTER,
  HEARTBEAT,
  DISCOVER,
  STOP,
  STOPPED,
  AUDIT,
};

inline constexpr size_t signal_type_count = 32;

/// The wire text of a type.
std::string_view to_string(signal_type type) noexcept;

/// The type of a wire text; case-sensitive. Nothing for unknown text.
std::optional<signal_type> parse_signal_type(std::string_view text) noexcept;

bool from_integer(uint8_t value, signal_type& out) noexcept;

template <class Inspector>
bool inspect(Inspector& f, signal_type& type) {
  auto get = [&type] { return static_cast<uint8_t>(type); };
  auto set = [&type](uint8_t value) { return from_integer(value, type); };
  return f.apply(get, set);
}

/// A set of signal types: one bit each.
class signal_type_set {
public:
  constexpr signal_type_set() = default;

  constexpr signal_type_set(std::initializer_list<signal_type> types) {
    for (auto type : types)
      bits_ |= bit(type);
  }

  static constexpr signal_type_set all() {
    signal_type_set result;
    result.bits_ = ~uint32_t{0};
    return result;
  }

  constexpr bool contains(signal_type type) const noexcept {
    return (bits_ & bit(type)) != 0;
  }

  constexpr bool empty() const noexcept {
    return bits_ == 0;
  }

  constexpr size_t size() const noexcept {
    size_t result = 0;
    for (auto bits = bits_; bits != 0; bits &= bits - 1)
      ++result;
    return result;
  }

  constexpr void insert(signal_type type) noexcept {
    bits_ |= bit(type);
  }

  constexpr signal_type_set operator|(signal_type_set other) const noexcept {
    other.bits_ |= bits_;
    return other;
  }

  /// What is in this set and not in `other`.
  constexpr signal_type_set operator-(signal_type_set other) const noexcept {
    other.bits_ = bits_ & ~other.bits_;
    return other;
  }

  constexpr bool operator==(const signal_type_set&) const noexcept = default;

  /// Calls `fn` for each type of the set, in order.
  template <class F>
  constexpr void for_each(F fn) const {
    for (uint8_t i = 0; i < signal_type_count; ++i)
      if (auto type = static_cast<signal_type>(i); contains(type))
        fn(type);
  }

  constexpr uint32_t bits() const noexcept {
    return bits_;
  }

  static constexpr signal_type_set from_bits(uint32_t bits) noexcept {
    signal_type_set result;
    result.bits_ = bits;
    return result;
  }

  template <class Inspector>
  friend bool inspect(Inspector& f, signal_type_set& set) {
    return f.apply(set.bits_);
  }

private:
  static constexpr uint32_t bit(signal_type type) noexcept {
    return uint32_t{1} << static_cast<uint8_t>(type);
  }

  uint32_t bits_ = 0;
};

/// The sets the protocol speaks of.
/// @source signals.md sections 8, 10 and 13; dendrite.md section 1
namespace types {

using enum signal_type;

inline constexpr signal_type_set all = signal_type_set::all();

/// What describes or answers for an Axon.
inline constexpr signal_type_set axon{AGENT_OUTPUT, CLARIFICATION, PERMISSION,
                                      ERROR,        REGISTER,      DEREGISTER,
                                      HEARTBEAT};

/// What `emit` accepts.
inline constexpr signal_type_set synapse
  = (all - axon) | signal_type_set{ERROR};

/// What a worker may not emit by a public call. The one place to change if the
/// role guard is ever relaxed.
inline constexpr signal_type_set gated_for_workers = synapse;

/// What flows through Pathways.
inline constexpr signal_type_set pathway
  = all - signal_type_set{TASK, REGISTER, DEREGISTER, HEARTBEAT, DISCOVER};

/// What closes a Pathway.
inline constexpr signal_type_set closing{FINAL, ERROR};

/// What satisfies a plain wait.
inline constexpr signal_type_set waking{AGENT_OUTPUT, CLARIFICATION, PERMISSION,
                                        ERROR, FINAL};

/// What a Pathway of scope `terminal` delivers.
inline constexpr signal_type_set terminal_scope{FINAL, ERROR, CLARIFICATION,
                                                PERMISSION};

static_assert(axon.size() == 7 && synapse.size() == 26);

} // namespace types

} // namespace cosmo

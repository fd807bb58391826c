// SPDX-License-Identifier: Apache-2.0
#include <cosmo/signal_type.hpp>

namespace cosmo {

namespace {

constexpr std::array<std::string_view, signal_type_count> names{
  "TASK",
  "AGENT_OUTPUT",
  "FINAL",
  "ERROR",
  "TASK_OFFER",
  "BID",
  "TASK_AWARDED",
  "TASK_DECLINED",
  "THOUGHT_DELTA",
  "PLAN",
  "TOOL_CALL",
  "TOOL_RESULT",
  "MEMORY_APPEND",
  "ESCALATION",
  "RECALL",
  "RECALLED",
  "IMPRINT",
  "IMPRINTED",
  "CONSENSUS",
  "CONTEXT_SYNC",
  "CRITIQUE",
  "CLARIFICATION",
  "PERMISSION",
  "PERMISSION_DECISION",
  "CLARIFICATION_ANSWER",
  "REGISTER",
  "DEREGISTER",
  "HEARTBEAT",
  "DISCOVER",
  "STOP",
  "STOPPED",
  "AUDIT",
};

static_assert(names.back() == "AUDIT");

} // namespace

std::string_view to_string(signal_type type) noexcept {
  return names[static_cast<size_t>(type)];
}

std::optional<signal_type> parse_signal_type(std::string_view text) noexcept {
  // Comparing lengths first makes this cheaper than a hash of the text.
  for (size_t i = 0; i < names.size(); ++i)
    if (names[i] == text)
      return static_cast<signal_type>(i);
  return std::nullopt;
}

bool from_integer(uint8_t value, signal_type& out) noexcept {
  if (value >= signal_type_count)
    return false;
  out = static_cast<signal_type>(value);
  return true;
}

} // namespace cosmo

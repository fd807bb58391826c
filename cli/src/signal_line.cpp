// SPDX-License-Identifier: Apache-2.0
#include "signal_line.hpp"

#include "columns.hpp"
#include <cosmo/signal.hpp>

#include <chrono>

namespace cosmo::cli {

namespace {

std::string two_digits(int64_t value) {
  return (value < 10 ? "0" : "") + std::to_string(value);
}

// HH:MM:SS.mmm
std::string time_of_day(timestamp ts) {
  using namespace std::chrono;
  const hh_mm_ss time{floor<milliseconds>(ts - floor<days>(ts))};
  const auto ms = time.subseconds().count();
  return two_digits(time.hours().count()) + ':'
         + two_digits(time.minutes().count()) + ':'
         + two_digits(time.seconds().count()) + '.' + (ms < 100 ? "0" : "")
         + two_digits(ms);
}

std::string first_columns(const signal& sig, size_t type_width,
                          const console& con) {
  std::string result = "  ";
  result += time_of_day(sig.ts());
  result += "  ";
  result += con.paint(style_of(sig.type()),
                      padded(to_string(sig.type()), type_width));
  result += "  ";
  // Eight characters of the id, without its prefix.
  result += printable(slice(sig.trace_id(), 4, 12));
  result += "  ";
  return result;
}

std::string producer(const signal& sig) {
  const auto id = sig.directed_id();
  return id.empty() ? " - " : printable(id);
}

} // namespace

std::string bus_line(const signal& sig, std::string_view subject,
                     const console& con) {
  return first_columns(sig, 14, con) + padded(producer(sig), 18) + "  "
         + printable(subject);
}

std::string observer_line(const signal& sig, const console& con) {
  return first_columns(sig, 18, con) + producer(sig);
}

std::string_view style_of(signal_type type) noexcept {
  using enum signal_type;
  switch (type) {
    case TASK:
    case CONTEXT_SYNC:
    case IMPRINT:
    case IMPRINTED:
      return "36"; // cyan
    case AGENT_OUTPUT:
      return "32"; // green
    case FINAL:
      return "1;32";
    case ERROR:
      return "1;31"; // bold red
    case CLARIFICATION:
    case PERMISSION:
    case CRITIQUE:
      return "33"; // yellow
    case CLARIFICATION_ANSWER:
    case PERMISSION_DECISION:
      return "2;33";
    case ESCALATION:
      return "1;33";
    case REGISTER:
    case DEREGISTER:
      return "34"; // blue
    case HEARTBEAT:
      return "2;34";
    case TASK_OFFER:
    case BID:
      return "35"; // magenta
    case TASK_AWARDED:
      return "1;35";
    case TASK_DECLINED:
      return "2;35";
    case THOUGHT_DELTA:
      return "2;37"; // dim white
    case MEMORY_APPEND:
    case RECALL:
    case RECALLED:
      return "96"; // bright cyan
    case CONSENSUS:
      return "1;36";
    default:
      return "37";
  }
}

} // namespace cosmo::cli

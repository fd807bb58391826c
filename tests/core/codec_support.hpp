// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/codec.hpp>
#include <cosmo/signal_builder.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace cosmo::test {

inline constexpr timestamp start_time
  = std::chrono::sys_days{std::chrono::year{2026} / 1 / 2}
    + std::chrono::microseconds{391'000};

/// A world that gives the same ids and the same time on every run.
inline world fixed_world() {
  return world::seeded(7, std::make_shared<manual_clock>(start_time));
}

inline caf::expected<signal> decode(std::string_view frame) {
  return cosmo::decode(frame, fixed_world());
}

/// What decode makes of a frame: `ok`, or the name of the error.
inline std::string outcome(std::string_view frame) {
  const auto result = decode(frame);
  return result ? "ok" : to_string(static_cast<ec>(result.error().code()));
}

inline std::string name_of(const caf::error& err) {
  return err ? to_string(static_cast<ec>(err.code())) : "ok";
}

template <class T>
std::string name_of(const caf::expected<T>& result) {
  return result ? "ok" : name_of(result.error());
}

template <class T>
std::string text_of(const caf::expected<T>& result) {
  return result ? std::string{} : message_of(result.error());
}

/// A frame with one more member after `type`.
inline std::string task_with(std::string_view member) {
  std::string result = R"({"type":"TASK",)";
  result += member;
  result += '}';
  return result;
}

inline std::string nested(size_t depth, char open = '[', char close = ']') {
  return std::string(depth, open) + std::string(depth, close);
}

inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

} // namespace cosmo::test

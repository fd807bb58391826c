// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/signal.hpp>

#include <caf/expected.hpp>

#include <optional>
#include <string>

namespace cosmo::test {

/// What came of a call, as a text that reads well where a check fails: `ok`,
/// an error's name, or the type of a Signal. ERROR adds its code, and
/// `recoverable` if it says so.
inline std::string outcome_of(const caf::error& err) {
  if (!err)
    return "ok";
  if (err.category() == caf::type_id_v<ec>)
    return to_string(static_cast<ec>(err.code()));
  return caf::to_string(err);
}

inline std::string outcome_of(const signal& sig) {
  std::string result{to_string(sig.type())};
  if (auto failure = sig.get_if<payload::error>()) {
    result += ' ' + failure->code;
    if (failure->recoverable)
      result += " recoverable";
  }
  return result;
}

template <class T>
std::string outcome_of(const caf::expected<T>& x) {
  if (!x)
    return outcome_of(x.error());
  if constexpr (std::is_base_of_v<signal, T>)
    return outcome_of(*x);
  else
    return "ok";
}

template <class T>
std::string outcome_of(const std::optional<T>& x) {
  return x ? outcome_of(*x) : "nothing yet";
}

/// The text that goes with an error; empty without error.
inline std::string text_of(const caf::error& err) {
  return err ? message_of(err) : std::string{};
}

template <class T>
std::string text_of(const caf::expected<T>& x) {
  return x ? std::string{} : message_of(x.error());
}

} // namespace cosmo::test

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/error.hpp>

#include <SQLiteCpp/Exception.h>

#include <string>
#include <string_view>
#include <type_traits>

namespace cosmo::registry {

/// Which store an error is about.
struct store_place {
  /// What it is to its users: `registry` or `engram`.
  std::string_view kind;
  std::string path;
};

/// An error about the store at `where`.
caf::error store_error(ec code, const store_place& where, std::string_view why);

/// What an exception of SQLite means to the users of a store.
caf::error to_error(const SQLite::Exception& fault, const store_place& where);

/// The border which no exception of SQLite passes.
template <class Fn>
std::invoke_result_t<Fn> guarded(const store_place& where, Fn&& fn) {
  try {
    return fn();
  } catch (const SQLite::Exception& fault) {
    return to_error(fault, where);
  }
}

} // namespace cosmo::registry

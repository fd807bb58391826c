// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/error.hpp>

#include <SQLiteCpp/Exception.h>

#include <string>
#include <string_view>
#include <type_traits>

namespace cosmo::registry {

/// An error about the registry at `path`.
caf::error store_error(ec code, const std::string& path, std::string_view why);

/// What an exception of SQLite means to the users of a registry.
caf::error to_error(const SQLite::Exception& fault, const std::string& path);

/// The border which no exception of SQLite passes.
template <class Fn>
std::invoke_result_t<Fn> guarded(const std::string& path, Fn&& fn) {
  try {
    return fn();
  } catch (const SQLite::Exception& fault) {
    return to_error(fault, path);
  }
}

} // namespace cosmo::registry

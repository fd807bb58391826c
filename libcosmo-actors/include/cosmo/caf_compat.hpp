// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <caf/config.hpp>
#include <caf/error.hpp>
#include <caf/result.hpp>
#include <caf/stateful_actor.hpp>

#include <string_view>

#if CAF_MAJOR_VERSION < 1
#include <caf/string_view.hpp>
#endif

/// Whatever differs between CAF 0.18 and CAF 1.x, and nothing else.
namespace cosmo::compat {

#if CAF_MAJOR_VERSION < 1
inline caf::string_view field_name(std::string_view name) noexcept {
  return {name.data(), name.size()};
}
#else
inline std::string_view field_name(std::string_view name) noexcept {
  return name;
}
#endif

/// The answer of a handler without content.
inline caf::result<void> result_of(caf::error err) {
  if (err)
    return err;
  return caf::unit;
}

} // namespace cosmo::compat
